import type { AdminPage } from '../model/admin-view.ts'

/** The first so many; where there is one more, the last of them is what the next page begins behind. */
export function pageOf<Item, Next>(
  found: readonly Item[],
  length: number,
  nextOf: (last: Item) => Next,
): AdminPage<Item, Next> {
  const items = found.slice(0, length)
  const last = items.at(-1)
  return found.length > length && last !== undefined ? { items, next: nextOf(last) } : { items }
}
