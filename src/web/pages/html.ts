const markup = Symbol('markup')

/** Markup that may stand in a document as it is: only `html` and `trusted` make it, no input can. */
export type Html = { readonly [markup]: string }

/** What a template may hold. Text is escaped; nothing stands for what is absent. */
export type Part = Html | string | number | false | undefined | readonly Part[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** XML 1.0, production 2: no document may hold these, not even escaped. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g

const escape = (text: string): string =>
  text
    .toWellFormed()
    .replace(forbidden, '')
    .replace(/[&<>"']/g, (one) => escapes[one] ?? one)

function render(part: Part): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string') return escape(part)
  if (typeof part === 'number') return String(part)
  return markup in part ? part[markup] : part.map(render).join('')
}

/**
 * A piece of HTML or XML: `` html`<p>${text}</p>` ``. Whatever is put in is escaped, for text and for
 * attributes alike, as long as these stand in double quotes; an address is checked by `webLink` before.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const [first = '', ...rest] = strings
  const text = rest.reduce((all, string, index) => all + render(parts[index]) + string, first)
  return { [markup]: text }
}

/** The same for XML, where every space counts: nobody lays it out anew. */
export const xml: typeof html = (strings, ...parts) => html(strings, ...parts)

/** Markup that was made safe elsewhere: by `cleanHtml`, and nobody else. */
export const trusted = (text: string): Html => ({
  [markup]: text.toWellFormed().replace(forbidden, ''),
})

/** As text, for the wire. */
export const toText = (document: Html): string => document[markup]

/** The same address, or nothing where a link to it could be a program. */
export function webLink(url: string | undefined): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url)
  return parsed !== null && /^https?:$/.test(parsed.protocol) ? parsed.href : undefined
}
