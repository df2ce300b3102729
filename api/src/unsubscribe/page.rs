//! The two pages. They name nobody: whoever has the address may not be whom it was sent to.

/// With the button. It posts to the address it is at.
pub(super) const ASK: &str = "<!doctype html>
<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">
<meta name=\"robots\" content=\"noindex\"><title>Unsubscribe</title>
<style>body{font:18px/1.5 sans-serif;max-width:30em;margin:4em auto;padding:0 1em}button{font:inherit;padding:.5em 1em}</style>
</head><body><h1>Unsubscribe</h1>
<p>One click, and this sender sends you no more e-mail.</p>
<form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">
<button type=\"submit\">Unsubscribe</button></form></body></html>
";

/// When it is done.
pub(super) const DONE: &str = "<!doctype html>
<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">
<meta name=\"robots\" content=\"noindex\"><title>Unsubscribed</title>
<style>body{font:18px/1.5 sans-serif;max-width:30em;margin:4em auto;padding:0 1em}</style>
</head><body><h1>Done</h1>
<p>This sender sends you no more e-mail. You may close this page.</p></body></html>
";
