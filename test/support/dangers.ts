import { Parser } from 'htmlparser2'

/** What `org.matrix.custom.html` may hold here, and the attributes that each element may have. */
const plainTags =
  'h1 h2 h3 h4 h5 h6 p div blockquote ul li sup sub b i u strong em del pre hr br table thead ' +
  'tbody tr th td caption details summary'
const allowed: ReadonlyMap<string, readonly string[]> = new Map([
  ...plainTags.split(' ').map((tag): [string, readonly string[]] => [tag, []]),
  ['ol', ['start']],
  ['code', ['class']],
  ['a', ['href']],
  ['span', ['data-mx-maths', 'data-mx-spoiler']],
  ['div', ['data-mx-maths']],
  ['img', ['data-mx-emoticon', 'src', 'alt', 'title', 'height']],
])

const link = /^(?:https?:\/\/|mailto:)/i
/** Characters that turn the direction of text or show nothing. */
const deceptive =
  /\u034f|[\u180b-\u180f]|[\u17b4\u17b5]|[\p{Cc}\u00ad\u061c\u115f\u1160\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb]/u

/** What is wrong with a text that must be one harmless line, as a name is. */
export const dangersInName = (name: string): readonly string[] => [
  ...(deceptive.test(name) ? [`turns or hides text: ${JSON.stringify(name)}`] : []),
  ...(name.isWellFormed() ? [] : ['half characters']),
  ...(/\p{M}{5,}/u.test(name) ? ['a heap of marks'] : []),
]

function dangersInHtml(html: string, isOurs: (mxc: string) => boolean): readonly string[] {
  const found: string[] = []
  const parser = new Parser({
    onopentag(tag, attributes) {
      const names = allowed.get(tag)
      if (names === undefined) found.push(`<${tag}>`)
      for (const [name, value] of Object.entries(attributes)) {
        if (names?.includes(name) !== true) found.push(`<${tag} ${name}>`)
        if (name === 'href' && !link.test(value)) found.push(`link to ${value}`)
        if (name === 'src' && !isOurs(value)) found.push(`picture from ${value}`)
        if (name === 'class' && !/^language-[\w+#.-]+$/.test(value)) found.push(`class ${value}`)
      }
    },
    oncomment: () => void found.push('a comment'),
    onprocessinginstruction: () => void found.push('an instruction'),
  })
  parser.write(html)
  parser.end()
  return found
}

const textAt = (value: unknown, key: string): string | undefined => {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : 0
  return typeof found === 'string' ? found : undefined
}

/** Everything in a message that could act in a client by itself, ring for others, or deceive where no text stands. */
export function dangersInMessage(
  content: Readonly<Record<string, unknown>>,
  /** Whether that file is one that the bridge brought to the homeserver. */
  isOurs: (mxc: string) => boolean,
  /** Of a reaction and of what ends a poll nobody is told. */
  mayRing = true,
): readonly string[] {
  const page = textAt(content, 'external_url')
  const file = textAt(content, 'url')
  const key = textAt(content['m.relates_to'], 'key')
  const mentions = content['m.mentions']
  const named = mentions === undefined ? 'whom the client thinks' : JSON.stringify(mentions)
  return [
    ...dangersInHtml(textAt(content, 'formatted_body') ?? '', isOurs),
    ...(page !== undefined && !/^https?:\/\//.test(page) ? [`page ${page}`] : []),
    ...(file !== undefined && !isOurs(file) ? [`file ${file}`] : []),
    ...(key?.startsWith('mxc:') === true && !isOurs(key) ? [`picture ${key}`] : []),
    ...(mayRing && named !== '{}' ? [`rings for ${named}`] : []),
    ...dangersInName(textAt(content, 'filename') ?? ''),
    ...(content['m.new_content'] === undefined
      ? []
      : dangersInMessage(content['m.new_content'] as never, isOurs)),
  ]
}
