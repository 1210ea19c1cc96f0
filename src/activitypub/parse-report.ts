import type { Complaint } from '../model/activity.ts'
import { longestReport, mostReported } from '../model/report.ts'
import { httpUrlOf, idOf, languageText, listOf } from './parse-values.ts'
import type { Json } from './parse-values.ts'

/** Entries that are looked at for ids; what has none takes no place of those that do. */
const mostEntries = 1_000

/** Accounts and posts, alone or in a list, as ids or whole: Pleroma embeds the posts. */
function reportedIn(document: Json): readonly string[] {
  const ids = new Set<string>()
  for (const item of listOf(document['object']).slice(0, mostEntries)) {
    const id = Array.isArray(item) ? undefined : idOf(item)
    if (id !== undefined) ids.add(id)
    if (ids.size === mostReported) break
  }
  return [...ids]
}

const addresses = /https?:\/\/[^\s<>"'`)\]]{1,2048}/g

/** Misskey names the account in `object`, and the posts in its words alone. */
const addressesIn = (text: string): readonly string[] =>
  [...text.matchAll(addresses)].flatMap(([address]) => {
    const url = httpUrlOf(address.replace(/[.,;:!?]+$/, ''))
    return url === undefined ? [] : [url]
  })

/** A complaint (`Flag`); undefined where it is about nothing. Lemmy's words are in `summary`. */
export function readComplaint(document: Json): Complaint | undefined {
  const objects = reportedIn(document)
  if (objects.length === 0) return undefined
  const text =
    languageText(document, 'content', longestReport) ??
    languageText(document, 'summary', longestReport) ??
    ''
  const named = addressesIn(text).filter((url) => !objects.includes(url))
  return { objects, named: [...new Set(named)].slice(0, mostReported), text: text.toWellFormed() }
}
