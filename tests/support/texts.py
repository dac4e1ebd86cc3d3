"""Texts that somebody else chose: markup, directions, lengths, what templates might take."""

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }} {% raw %} ${7*7} <%= 7 %>",
    "</title></textarea></select><svg onload=alert(1)>",
    "&lt;b&gt; &amp;amp; &#x3c;i&#x3e;",
    "javascript:alert(1)",
    "\u202eevil\u202c \u2066mixed\u2069 \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "x" * 500,
    "no spaces\u00a0at\u00a0all" * 30,
    "\u0301" * 60 + "zalgo",
    "line\nbreak\ttab\u2028separator",
    "]]> --> */ // \\",
)
