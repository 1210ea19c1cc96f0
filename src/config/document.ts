import { Lexer, LineCounter, isMap, isNode, isScalar, parseAllDocuments } from 'yaml'
import type { Document } from 'yaml'
import { nearest } from './problem.ts'
import type { Problem } from './problem.ts'
import { allSettings } from './settings.ts'

/** A configuration file as read: its values, and where each of them stands. */
export type ConfigDocument = {
  readonly file: string
  /** False where a problem hides what the file says: to call its settings missing would mislead. */
  readonly isReadable: boolean
  /** The value at that path; undefined where there is none. */
  valueAt(path: readonly (string | number)[]): unknown
  /** `config.yaml:12`; the nearest place above, where there is no such key. */
  whereIs(path: readonly (string | number)[]): string
}

/** No setting has as many levels; the parser recurses. */
const deepest = 20

/** Whether lists and maps stand inside of each other like that, on one line or in brackets; tags and anchors count. */
function isTooDeep(text: string): boolean {
  let brackets = 0
  let inLine = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') brackets++
    else if (token === ']' || token === '}') brackets--
    else if (/^(?:[-?]$|[!&])/.test(token)) inLine++
    else if (token.includes('\n')) inLine = 0
    if (brackets + inLine > deepest) return true
  }
  return false
}

/** An alias may stand inside of what it names. */
function isEndless(value: unknown): boolean {
  try {
    JSON.stringify(value)
    return false
  } catch {
    return true
  }
}

/** Reads the file's text. Syntax errors, keys said twice and unknown keys are problems. */
export function parseDocument(
  file: string,
  text: string,
): { readonly document: ConfigDocument; readonly problems: readonly Problem[] } {
  const unreadable = (problems: readonly Problem[]) => ({
    document: { ...emptyDocument(file), isReadable: false },
    problems,
  })
  if (isTooDeep(text)) return unreadable([notYaml(file, `it nests deeper than ${deepest} levels`)])
  const lines = new LineCounter()
  // Warnings would print what stands in the file, secrets too.
  const options = { lineCounter: lines, prettyErrors: false, logLevel: 'error' } as const
  const parsed = parseAllDocuments(text, options)
  const [first, second] = 'empty' in parsed ? [] : parsed
  if (first === undefined) return { document: emptyDocument(file), problems: [] }
  const at = (offset: number) => `${file}:${lines.linePos(offset).line}`
  const syntax = first.errors.map(({ code, pos, message }) =>
    code === 'DUPLICATE_KEY' ? saidTwice(at(pos[0])) : notYaml(at(pos[0]), message),
  )
  if (syntax.length > 0) return unreadable(syntax)
  if (second !== undefined) return unreadable([secondDocument(at(second.range[0]))])
  try {
    const document = documentOf(file, first, at)
    if (first.contents === null || isMap(first.contents)) {
      return { document, problems: unknownKeys(document, first) }
    }
  } catch (error) {
    // Aliases are resolved last, and thrown about.
    return unreadable([notYaml(file, error instanceof Error ? error.message : String(error))])
  }
  const mend = 'It must hold sections such as "homeserver:"; see config.sample.yaml.'
  return unreadable([{ where: at(0), what: 'this is no list of settings.', mend }])
}

/** What stands at that place may be a token or a key, and no error shows one. */
const withoutFound = (reason: string): string => reason.replace(/: ".*$/s, '').slice(0, 200)

const notYaml = (where: string, reason: string): Problem => ({
  where,
  what: `this is not valid YAML: ${withoutFound(reason)}.`,
  mend: 'config.sample.yaml shows the form; indent with spaces, quote texts that hold : or #.',
})

const saidTwice = (where: string): Problem => ({
  where,
  what: 'this section or setting stands in the file already.',
  mend: 'Keep one of the two, with what is under both.',
})

const secondDocument = (where: string): Problem => ({
  where,
  what: 'this is a second document in the same file.',
  mend: 'Keep one, without a line "---" in between.',
})

export const emptyDocument = (file: string): ConfigDocument => ({
  file,
  isReadable: true,
  valueAt: () => undefined,
  whereIs: () => file,
})

type At = (offset: number) => string

function documentOf(file: string, yaml: Document, at: At): ConfigDocument {
  const plain: unknown = yaml.toJS()
  if (isEndless(plain)) throw new Error('an alias stands inside of what it names')
  const offsetOf = (path: readonly (string | number)[]): number | undefined => {
    const parent = path.length === 1 ? yaml.contents : yaml.getIn(path.slice(0, -1), true)
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === path.at(-1))
      : undefined
    const node = pair?.key ?? yaml.getIn(path, true)
    return isNode(node) ? node.range?.[0] : undefined
  }
  return {
    file,
    isReadable: true,
    valueAt: (path) => path.reduce<unknown>(childOf, plain),
    whereIs(path) {
      for (let length = path.length; length > 0; length--) {
        const offset = offsetOf(path.slice(0, length))
        if (offset !== undefined) return at(offset)
      }
      return file
    },
  }
}

function childOf(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Readonly<Record<string | number, unknown>>)[key]
}

function unknownKeys(document: ConfigDocument, yaml: Document): readonly Problem[] {
  if (!isMap(yaml.contents)) return []
  return yaml.contents.items.flatMap((item) =>
    isScalar(item.key) ? sectionProblems(document, String(item.key.value)) : [],
  )
}

function sectionProblems(document: ConfigDocument, name: string): readonly Problem[] {
  const paths = allSettings().map((entry) => entry.path)
  const siblings = [...new Set(paths.map(([first]) => String(first)))]
  if (!siblings.includes(name)) return [unknownKey(document, [name], siblings)]
  const keys = paths.filter(([first]) => first === name).flatMap((path) => path.slice(1))
  const value = document.valueAt([name])
  if (keys.length === 0 || value === null) return []
  if (typeof value !== 'object' || Array.isArray(value)) {
    const what = `${name} is no section.`
    return [
      { where: document.whereIs([name]), what, mend: `Allowed under it: ${keys.join(', ')}.` },
    ]
  }
  return Object.keys(value)
    .filter((key) => !keys.includes(key))
    .map((key) => unknownKey(document, [name, key], keys))
}

function unknownKey(
  document: ConfigDocument,
  path: readonly string[],
  allowed: readonly string[],
): Problem {
  const meant = nearest(path.at(-1) ?? '', allowed)
  return {
    where: document.whereIs(path),
    what: `there is no setting ${path.join('.')}.`,
    mend: meant === undefined ? `Allowed here: ${allowed.join(', ')}.` : `Did you mean ${meant}?`,
  }
}
