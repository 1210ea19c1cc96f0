import type { Chance } from '../simulation/chance.ts'
import { anId, oddText, pickFrom } from './values.ts'

const tags = (
  'p div b i em strong u s del code pre blockquote ul ol li h1 h3 h6 table thead tbody tr th td caption ' +
  'details summary span ruby rt rp q figure section script style mx-reply font math annotation a a a img ' +
  'video iframe svg template select option textarea title noscript object dl dt dd sup sub kbd br hr ' +
  'plaintext xmp base form input button frameset body html marquee x-y'
).split(' ')

const attributes: readonly string[] = [
  ...[
    'class="mention"',
    'class="invisible"',
    'class="h-card u-url"',
    'class="language-js"',
    'hidden',
  ],
  ...['hidden=""', 'style="display:none"', 'rel=tag', 'start="7"', 'start=-99999999999', 'title=x'],
  ...['onclick="alert(1)"', 'onerror=alert(1)', 'data-mx-spoiler', 'data-mx-spoiler="why"'],
  ...[
    'data-mx-maths="x^2"',
    'data-mx-emoticon',
    'alt=":blob:"',
    'alt=""',
    'encoding="TeX"',
    "a='",
    'b="',
  ],
  ...[
    'srcset="https://evil.test/x 1x"',
    'background=https://evil.test/',
    'id=x',
    'name=x',
    '=',
    '/',
    '<',
  ],
  ...['xmlns:x="y"', 'formaction=javascript:x', 'data-mention="a"', 'class', 'height=32'],
]

const schemes: readonly string[] = [
  ...[
    'https://a.test/x',
    'https://social.test/@bob',
    'https://us.test/@alice',
    'javascript:alert(1)',
  ],
  ...[
    'java&#9;script:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'data:text/html,<b>',
    'vbscript:x',
    'file:///x',
  ],
  ...[
    '//evil.test/',
    '/x',
    '#',
    '',
    'matrix:u/alice:us.test',
    'https://matrix.to/#/@alice:us.test',
  ],
  ...[
    'https://matrix.to/#/%E0%A4%A',
    'mxc://us.test/a',
    'mailto:a@b.test',
    'https://',
    'https://a.test/"><b>',
  ],
  ...[
    'https://a.test/?a=1&amp;b=2',
    'https://a.test/&copy',
    'https://\u202ea.test/',
    'https://a.test/\ud800',
  ],
]

const words: readonly string[] = [
  ...[
    'hello',
    'wörld',
    '漢字',
    '😀',
    'a&b',
    '&amp;',
    '&lt;script&gt;',
    '&#x26;',
    '&#0;',
    '&#xd800;',
    '&nbsp;',
  ],
  ...[
    '&bogus;',
    '&',
    '<',
    '>',
    '"',
    "'",
    '\n',
    '\n\n',
    '  ',
    '@bob@social.test',
    '#tag',
    ':blob:',
    '1. ',
  ],
  ...[
    'https://a.test/?b=c&d',
    'https://a.test/…',
    'RE: https://a.test/x',
    '**',
    '![',
    '](',
    '`',
    '| a |',
  ],
  ...[
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?x',
    '<!DOCTYPE html>',
    '</',
    '<a',
    '<p',
    '</p',
    '\u0000',
    '\u202e',
  ],
  ...[
    '</script>',
    '</style>',
    '</textarea>',
    '</a>',
    '</p>',
    '</ul>',
    '</table>',
    '<br>',
    '<hr/>',
    '<wbr>',
  ],
]

/** What makes careless parsers slow. */
const baits: readonly string[] = [
  ...[
    '<b><i>',
    '<b>',
    '</b>',
    '<p>',
    '<',
    '&',
    '&amp;',
    '&#',
    '< ',
    '<a href="https://a.test/x">y</a>',
    '<li>',
  ],
  ...[
    '<ul><li>',
    '<blockquote>',
    '<!--',
    '<a ',
    '<table><tr><td>',
    '<br>',
    '<img src=https://a.test/x>',
    '@a@b.test ',
  ],
  ...[
    'https://a.test/ ',
    '#tag ',
    ' ',
    '\n',
    ':a',
    'a.',
    '\u0301',
    '\u200b',
    '<em>x',
    '<ol><li>x</li></ol>',
    '">',
  ],
  ...[
    '<span class="',
    '<p><a href="x',
    'a=1 ',
    '@',
    '#',
    '://',
    '[](',
    '((',
    '<ruby>',
    '<details>',
    '-->',
    '"',
    "='",
  ],
  ...[
    '@bob@',
    'a@',
    'www.',
    '\u202e',
    '😀',
    '*',
    '_',
    '`',
    '> ',
    '\t',
    '\r',
    ';',
    '<math>',
    '<q>',
    '<td>',
    '<summary>',
  ],
]

function attributesOf(chance: Chance): string {
  const count = chance.happens(0.997) ? chance.int(4) : chance.between(50, 800)
  const one = (): string => {
    const name = pickFrom(chance, ['href', 'src', 'href'], 'href')
    if (chance.happens(0.4)) return `${name}="${pickFrom(chance, schemes, '')}"`
    if (chance.happens(0.1)) return `${name}='${anId(chance)}'`
    return pickFrom(chance, attributes, '')
  }
  return Array.from({ length: count }, () => ` ${one()}`).join('')
}

function node(chance: Chance, depth: number): string {
  const choice = chance.int(10)
  if (choice < 4 || depth > 6) return pickFrom(chance, words, '')
  if (choice < 5) return oddText(chance)
  const tag = pickFrom(chance, tags, 'p')
  const open = `<${chance.happens(0.05) ? tag.toUpperCase() : tag}${attributesOf(chance)}>`
  const inner = nodes(chance, depth + 1)
  return chance.happens(0.15) ? open + inner : `${open}${inner}</${tag}>`
}

const nodes = (chance: Chance, depth: number): string =>
  Array.from({ length: chance.int(4) + (depth === 0 ? 1 : 0) }, () => node(chance, depth)).join('')

function bait(chance: Chance, most: number): string {
  const unit = Array.from({ length: chance.between(1, 2) }, () => pickFrom(chance, baits, '')).join(
    '',
  )
  const size = chance.happens(0.8) ? chance.between(100, 4_000) : chance.between(4_000, most)
  const text = unit.repeat(Math.ceil(size / unit.length)).slice(0, most)
  return chance.happens(0.3)
    ? `${text}${pickFrom(chance, baits, '').repeat(chance.int(2_000))}`
    : text
}

/** HTML, or what calls itself so; `most` bounds what is only long. */
export function markup(chance: Chance, most = 60_000): string {
  if (chance.happens(0.02)) return bait(chance, most).slice(0, most)
  const text = nodes(chance, 0)
  return (chance.happens(0.01) ? `${text}${bait(chance, most)}` : text).slice(0, most)
}
