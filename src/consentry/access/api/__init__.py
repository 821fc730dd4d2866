"""Routes of access: for staff, residents and controllers."""
