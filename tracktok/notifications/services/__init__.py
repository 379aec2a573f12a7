"""What people are told: messages in the app, and mail."""

from .mails import may_read, readable_text, record_mail, send_mail, send_template
from .messages import mark_all_read, mark_read, notify, notify_all, set_preference
from .rendering import RenderedMail, render_mail

__all__ = [
    "RenderedMail",
    "mark_all_read",
    "mark_read",
    "may_read",
    "notify",
    "notify_all",
    "readable_text",
    "record_mail",
    "render_mail",
    "send_mail",
    "send_template",
    "set_preference",
]
