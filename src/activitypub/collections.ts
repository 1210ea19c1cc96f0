import { activityStreams } from './note-document.ts'
import type { Json } from './parse-values.ts'

/** Items a page holds at most. */
export const pageSize = 50

/** One page of a collection, newest first. `next`: the cursor of the page after it. */
export type Page = { readonly items: readonly unknown[]; readonly next?: number }

/** A collection that is read by pages. Without `isPaged` it tells no more than how many there are. */
export function toCollection(id: string, totalItems: number, isPaged: boolean): Json {
  return {
    '@context': activityStreams,
    id,
    type: 'OrderedCollection',
    totalItems,
    ...(isPaged ? { first: pageUrl(id, undefined) } : {}),
  }
}

/** One that is read at once: Misskey reads no pages of what is pinned. */
export const toShortCollection = (id: string, items: readonly unknown[]): Json => ({
  '@context': activityStreams,
  id,
  type: 'OrderedCollection',
  totalItems: items.length,
  orderedItems: items,
})

/** A collection that tells how many there are, as it stands inside of another document. */
export const toCount = (id: string, totalItems: number): Json => ({
  id,
  type: 'Collection',
  totalItems,
})

/** The posts of one conversation (FEP-7888). `attributedTo`: whose it is. */
export const toContext = (id: string, attributedTo: string, totalItems: number): Json => ({
  ...toCollection(id, totalItems, true),
  attributedTo,
})

/** `cursor` is the one the page was asked with; absent for the first. */
export function toCollectionPage(id: string, cursor: number | undefined, page: Page): Json {
  return {
    '@context': activityStreams,
    id: pageUrl(id, cursor),
    type: 'OrderedCollectionPage',
    partOf: id,
    orderedItems: page.items,
    ...(page.next === undefined ? {} : { next: pageUrl(id, page.next) }),
  }
}

const pageUrl = (id: string, cursor: number | undefined): string =>
  cursor === undefined ? `${id}?page=1` : `${id}?page=1&before=${cursor}`
