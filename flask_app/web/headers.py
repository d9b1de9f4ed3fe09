"""Security headers of every answer, and the content security policy, in one place."""

from __future__ import annotations

from flask import Flask, Response, request

from flask_app.web.visit import panel, this_visit

_POLICY = (
    "default-src 'none'",
    "base-uri 'none'",
    "connect-src 'self'",
    "font-src 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "manifest-src 'none'",
    "object-src 'none'",
    "script-src 'nonce-{nonce}'",
    "style-src 'self'",
)


def policy(nonce: str) -> str:
    """Styles and pictures from this site, scripts only with the page's own nonce, nothing from anywhere else."""
    return "; ".join(_POLICY).format(nonce=nonce)


def install(app: Flask) -> None:
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    if panel().settings.secure_cookie:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static":
        headers["Content-Security-Policy"] = "default-src 'none'"
        return response
    visit = this_visit()
    headers["Content-Security-Policy"] = policy(visit.nonce)
    headers["X-Request-Id"] = visit.request_id
    headers["Cache-Control"] = "no-store"
    headers.add("Vary", "Cookie, Accept-Language")
    return response
