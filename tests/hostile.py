"""Words that try to be more than words: what a stranger may put into names, titles, captions, labels and questions."""

AWAY = "https://evil.example"
BREAKS = [
    "\n\n",
    "\r\r",
    "\r\n\r\n",
    "\n \t\n",
    "\u2028\u2028",
    "\u2029",
    "\x85\x85",
    "\x0b\x0b",
    "\x0c",
    "\x1c\x1d\x1e",
]
MARKUP = [
    f'<img src={AWAY}/x.png onerror="window.hurt=1">',
    "<script>window.hurt=1</script>",
    '<svg onload="window.hurt=1"><style>body{display:none}</style></svg>',
    f'"><iframe src="{AWAY}"></iframe>',
    f"' onmouseover='window.hurt=1' style='background:url({AWAY})'",
    f'<form action="{AWAY}"><input autofocus onfocus="window.hurt=1"></form>',
    f'</div></p></li><base href="{AWAY}/"><link rel="stylesheet" href="{AWAY}/a.css">',
    "[click](javascript:window.hurt=1)",
    "[click]\n(javascript:window.hurt=1)",
    f"![map]({AWAY}/leak.png)",
    f"[![map]({AWAY}/leak.png)]({AWAY})",
    f"![map][x]\n\n[x]: {AWAY}/leak.png",
    f"<{AWAY}>",
    f"&lt;img src={AWAY}/x.png onerror=window.hurt=1&gt; &#60;script&#62; &#33;&#91;a&#93;&#40;{AWAY}&#41;",
    "```html\n<b onclick='window.hurt=1'>b</b>\n```\n`",
    "~~~\n</code></pre><video src=x onerror=window.hurt=1>",
    f'<a href="javascript:window.hurt=1" data-cite="0-1">1</a><a href="{AWAY}">x</a>',
    f"<!-- --><![CDATA[<img src={AWAY}/c.png>]]><?php ?>",
    "$$\\href{javascript:window.hurt=1}{x}$$ <math><mtext><script>window.hurt=1</script></mtext></math>",
]
UNSEEN = [
    "\u202efdp.exe",
    "\u2066\u2067\u2069",
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b2J",
    "nul\0nul",
    "half\ud800",
    "\udcff.pdf",
]
HOSTILE = [
    *MARKUP,
    *UNSEEN,
    *(f"a{broken}{markup}" for broken in BREAKS for markup in MARKUP[:10]),
    *(broken.join(MARKUP) for broken in BREAKS),
    "".join(f"{unseen}{markup}" for unseen in UNSEEN for markup in MARKUP),
    "\n\n" + "<img src=x onerror=window.hurt=1>\n\n" * 3000,
    "[" * 50_000 + "](javascript:window.hurt=1)" * 1000,
    "*_`" * 30_000,
]
