import type { Wishes } from '../model/wishes.ts'
import { aliasLinkedBy, parseUserId } from '../model/names.ts'
import { bounds, isJson, listOf, textOf, type Json } from './parse-values.ts'

const noBridge = /(?<![\p{L}\p{N}_])#nobridge(?![\p{L}\p{N}_])/iu
const noBots = /(?<![\p{L}\p{N}_])#nobots?(?![\p{L}\p{N}_])/iu

/** Letters of a hashtag may stand in elements of their own: Mastodon writes `#<span>nobridge</span>`. */
const withoutTags = (html: string): string => html.replace(/<[^<>]*>/g, '').replace(/&#35;/g, '#')

/** In all languages: who wishes something may say so in one of them alone. */
function wordsOf(document: Json, fields: readonly { name: string; value: string }[]): string[] {
  const texts = ['name', 'summary'].flatMap((member) => {
    const map = document[`${member}Map`]
    const translated = isJson(map) ? Object.values(map).slice(0, bounds.fields) : []
    return [document[member], ...translated].map((text) => textOf(text, bounds.summary) ?? '')
  })
  const tags = listOf(document['tag'])
    .slice(0, bounds.tags)
    .map((tag) => (isJson(tag) ? textOf(tag['name'], bounds.name) : undefined))
  const lines = fields.flatMap(({ name, value }) => [name, value])
  return [...texts, ...lines].map(withoutTags).concat(tags.map((tag) => tag ?? ''))
}

/** Matrix addresses, as a URI (MSC2312) or as a link that everybody can open. */
const isMatrixAddress = (href: unknown): boolean =>
  typeof href === 'string' && /^(?:matrix:|https:\/\/matrix\.to\/#\/)/i.test(href)

/** Whether it says that its original is on Matrix (FEP-fffd): another bridge has made it. */
export const isOfMatrix = (document: Json): boolean => originalOf(document) !== undefined

/** Its address on Matrix. The FEP names `url`; in `tag` we say so ourselves, as many read one `url` alone. */
function originalOf(document: Json): string | undefined {
  const links = [
    ...listOf(document['url']).slice(0, bounds.fields),
    ...listOf(document['tag']).slice(0, bounds.tags),
  ]
  for (const link of links) {
    if (!isJson(link) || !listOf(link['rel']).includes('canonical')) continue
    const href = textOf(link['href'], bounds.id)
    if (href !== undefined && isMatrixAddress(href)) return href
  }
  return undefined
}

function matrixWishes(document: Json): Pick<Wishes, 'isOfMatrix' | 'matrixUser' | 'matrixRoom'> {
  const original = originalOf(document)
  if (original === undefined) return {}
  const matrixUser = parseUserId(original)
  const matrixRoom = aliasLinkedBy(original)
  return {
    isOfMatrix: true,
    ...(matrixUser === undefined ? {} : { matrixUser }),
    ...(matrixRoom === undefined ? {} : { matrixRoom }),
  }
}

/** What an actor document says that others may do with the account. Undefined: nothing. */
export function readWishes(
  document: Json,
  fields: readonly { readonly name: string; readonly value: string }[],
): Wishes | undefined {
  const words = wordsOf(document, fields)
  const says = (tag: RegExp): boolean => words.some((text) => tag.test(text))
  const wishes: Wishes = {
    ...(document['bridgeable'] === false || says(noBridge) ? { noBridge: true } : {}),
    ...(says(noBots) ? { noBots: true } : {}),
    ...(document['suspended'] === true ? { isSuspended: true } : {}),
    ...matrixWishes(document),
    ...(document['discoverable'] === true ? { isDiscoverable: true } : {}),
    ...(document['indexable'] === true ? { isIndexable: true } : {}),
    ...(document['hidesToPublicFromUnauthedWeb'] === true ? { hidesPublic: true } : {}),
    ...(document['hidesCcPublicFromUnauthedWeb'] === true ? { hidesUnlisted: true } : {}),
  }
  return Object.keys(wishes).length === 0 ? undefined : wishes
}
