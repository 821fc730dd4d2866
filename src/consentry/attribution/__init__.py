"""Whose client a buyer is: agents report visitors, the desk receives them, contracts are judged by published rules, and both sides can check it."""
