"""Passwords that attackers try first and that are long enough to pass the rule of length; compared without case."""

from __future__ import annotations

__all__ = ["GUESSABLE"]

_WORDS = """
    000000000000 0123456789012 012345678910 1111111111111 111122223333 112233445566 121212121212 123123123123 1234567890-=
    123412341234 1234512345123 1234567890 123456123456 12345678901 123456789012 1234567890123 12345678901234 123456789012345
    1234567890qwe 1234567890qwer 1234567890qwerty 1234567891234 12345678910 123456789101112 123456789123 123456789123456
    123456789abc 123456789qwe 1234qwer1234 1234qwerasdf 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv
    1qazxsw23edc 520131452013 5201314520131 987654321000 9876543210123 a1b2c3d4e5f6 a1s2d3f4g5h6 a123456789012 aa1234567890
    aaaaaaaaaaaa abc123456789 abc1234567890 abcabcabcabc abcd12345678 abcdef123456 abcdefghijkl abcdefghijklm abcdefg12345
    access123456 admin1234567 admin12345678 admin123456789 adminadminadmin administrator administrator1 administrator123
    asdasdasdasd asdf12345678 asdfasdfasdf asdfghjkl123 asdfghjkl1234 asdfghjkl;' asdfghjklzxc azertyuiop123 baseball1234
    changeme1234 changeme12345 changemeplease computer1234 consentry123 consentry1234 consentryconsentry correcthorsebatterystaple
    football1234 helloworld12 helloworld123 iloveyou1234 iloveyou12345 iloveyousomuch jordan123456 letmein12345 letmein123456
    letmeinplease liverpool1234 manchester123 michael12345 monkey123456 mypassword12 mypassword123 nihao1234567 p@ssw0rd1234
    p@ssword1234 p@ssw0rd12345 pass12345678 pass123456789 passpasspass passw0rd1234 passw0rd12345 password0000 password1111
    password1212 password1234 password12345 password123456 password1234567 password12345678 password123456789 password2020
    password2021 password2022 password2023 password2024 password2025 password2026 passwordpassword princess1234 q1w2e3r4t5y6
    qazwsxedc123 qazwsxedcrfv qazwsxedcrfvtgb qq1234567890 qwaszxqwaszx qwe123qwe123 qweasdzxc123 qweqweqweqwe qwer12345678
    qwerasdfzxcv qwerqwerqwer qwert1234567 qwerty123456 qwerty1234567 qwerty12345678 qwerty123456789 qwertyqwerty qwertyuiop12
    qwertyuiop123 qwertyuiop1234 qwertyuiop[] qwertyuiopasdf qwertyuiopasdfghjkl qwertzuiop123 secret123456 starwars1234
    sunshine1234 superman1234 superman12345 test12345678 testtesttest trustno1trustno1 welcome12345 welcome123456 welcome2024
    welcome20242025 wo1234567890 woaini123456 woaini1314520 woaini5201314 woaini520520 woaiwojia1234 x1234567890x
    xiaoming1234 zaq12wsxcde3 zaq1zaq1zaq1 zhang1234567 zhangwei1234 zxcvbnm12345 zxcvbnm123456 zxcvbnm,./123 zxcvbnmasdfghjkl
"""

GUESSABLE = frozenset(_WORDS.split())
"""Case-folded passwords that are refused."""
