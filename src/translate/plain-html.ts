import { growTree, type Html } from './html-tree.ts'

/** What a translator wants to see of foreign HTML; everything else is dropped, its text kept. */
export type Allowed = {
  readonly tags: ReadonlySet<string>
  /** By tag; `*` for all. */
  readonly attributes: Readonly<Record<string, readonly string[]>>
  readonly schemes: readonly string[]
  /** Elements that go with everything in them. */
  readonly removed: readonly string[]
}

/** Text, an opening tag with its attributes, a closing one or a comment, spelt as nearly all software spells them. */
const part =
  /([^<]+)|<([a-z][a-z\d]*)((?: [a-z-]+="[^"<>]*")*)( ?\/)?>|<\/([a-z][a-z\d]*)>|<!--(?:[^<>-]|-(?!-))*-->/y
const attribute = / ([a-z-]+)="([^"]*)"/g

/** Elements that no parser treats in a way of its own, but for those beside which they close. */
const inline: ReadonlySet<string> = new Set(
  'a span strong em b i u s del ins code kbd cite sup sub'.split(' '),
)
const blocks: ReadonlySet<string> = new Set(
  'p div pre blockquote ul ol li h1 h2 h3 h4 h5 h6'.split(' '),
)
const voids: ReadonlySet<string> = new Set(['br', 'hr'])
/** Where blocks may stand without moving; the empty one is the top. */
const roomy: ReadonlySet<string> = new Set(['', 'div', 'blockquote', 'ul', 'ol', 'li'])

/** Far from where anything is cut. */
const deepest = 50

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['#39', "'"],
  ['apos', "'"],
  ['nbsp', '\u00a0'],
])
const entity = /&([a-z\d#]{2,4});/g
const otherEntity = /&(?!(?:amp|lt|gt|quot|#39|apos|nbsp);)/

/** Undefined: there is an ampersand that readers may understand differently. */
function decoded(text: string): string | undefined {
  if (!text.includes('&')) return text
  if (otherEntity.test(text)) return undefined
  return text.replace(entity, (whole, name: string) => entities.get(name) ?? whole)
}

/** Those that are allowed; undefined where a sanitiser has to look at one. */
function attributesOf(
  text: string,
  tag: string,
  { attributes: allowed }: Allowed,
): Record<string, string> | undefined {
  const found: Record<string, string> = {}
  attribute.lastIndex = 0
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    const name = match[1] ?? ''
    const value = decoded(match[2] ?? '')
    if (value === undefined || Object.hasOwn(found, name)) return undefined
    if ((name === 'href' || name === 'src') && !/^https?:\/\//.test(value)) return undefined
    const isAllowed = allowed[tag]?.includes(name) === true || allowed['*']?.includes(name) === true
    // The sanitiser drops an empty one, and of two it reads the first.
    const isNone = name === 'class' && value === ''
    if (isNone && text.includes(' class="', attribute.lastIndex)) return undefined
    if (isAllowed && !isNone) found[name] = value
  }
  return found
}

/** Whether that element may begin there and closes none of those that are open. */
function mayOpen(tag: string, open: readonly string[]): boolean {
  if (open.length > deepest) return false
  const parent = open.at(-1) ?? ''
  if (tag === 'br' || inline.has(tag)) return tag !== 'a' || !open.includes('a')
  return (
    (blocks.has(tag) || tag === 'hr') && roomy.has(parent) && !(tag === 'li' && parent === 'li')
  )
}

/**
 * HTML that all parsers read in the same way, and in which a sanitiser would find nothing to mend: what
 * nearly all software writes, and `sanitizeToTree` says the same of it at several times the price.
 * Undefined for all other, so also for what this does not know.
 */
export function readPlain(html: string, allowed: Allowed): Html[] | undefined {
  const tree = growTree()
  const open = ['']
  part.lastIndex = 0
  while (part.lastIndex < html.length) {
    const match = part.exec(html)
    if (match === null) return undefined
    const { 1: raw, 2: tag, 3: list = '', 4: slash, 5: closed } = match
    if (raw !== undefined) {
      const text = decoded(raw)
      if (text === undefined) return undefined
      tree.text(text)
    } else if (tag !== undefined) {
      const isVoid = voids.has(tag)
      const isFit = allowed.tags.has(tag) && mayOpen(tag, open) && (isVoid || slash === undefined)
      const attributes = isFit ? attributesOf(list, tag, allowed) : undefined
      if (attributes === undefined) return undefined
      tree.open(tag, attributes)
      if (isVoid) tree.close(tag)
      else open.push(tag)
    } else if (closed !== undefined) {
      if (open.pop() !== closed) return undefined
      tree.close(closed)
    }
  }
  return open.length === 1 ? tree.end() : undefined
}
