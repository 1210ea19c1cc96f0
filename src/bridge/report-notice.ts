import type { ActorId, ObjectId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KeptReport } from '../model/report.ts'
import type { Mapping, ObjectRecord } from '../model/note.ts'
import { timeOf } from '../model/dates.ts'
import { safeName } from '../model/names.ts'
import { handleOfActor } from './follows.ts'
import { eventLink } from './matrix-ids.ts'
import { escaped, noticeHtml } from './notice-html.ts'

/** What stands below an open report (`report-buttons.ts`). */
const buttonsLine =
  'React with ✅ to close it, 🚫 to suspend its accounts, 📨 to pass its posts on to the homeserver.'

/** Lines, and characters of each, that a notice has of what a report says, and of each post. */
const shortReport = { lines: 5, length: 300 } as const
const shortPost = { lines: 5, length: 200 } as const
/** Posts that are shown with their words. */
const mostPosts = 3
/** Characters of the address of one. */
const longestAddress = 500
/** Accounts that a line names. */
const mostNamed = 3
/** Rooms that are linked for one post. */
const mostRooms = 2

type Bounds = { readonly lines: number; readonly length: number }

/** What strangers wrote, in one line of ours: nothing in it acts, hides or formats. */
export const plain = (text: string, length: number): string =>
  safeName(text.replaceAll('`', "'"), length)

const linesOf = (text: string, { lines: most, length }: Bounds): readonly string[] => {
  const lines = text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => plain(line, length))
    .filter((line) => line !== '')
  return lines.length > most ? [...lines.slice(0, most), '…'] : lines
}

/** What strangers wrote, as lines that cannot be taken for ours. */
export const quotedLines = (text: string, bounds: Bounds): readonly string[] =>
  linesOf(text, bounds).map((line) => `> ${line}`)

/** A piece of a notice: as plain text, and as HTML, which ends where the next one begins. */
type Piece = { readonly text: string; readonly html: string }

const said = (text: string): Piece => ({ text, html: `${noticeHtml(text) ?? escaped(text)}<br>` })

function quote(text: string, bounds: Bounds): readonly Piece[] {
  const lines = linesOf(text, bounds)
  if (lines.length === 0) return []
  const html = `<blockquote>${lines.map(escaped).join('<br>')}</blockquote>`
  return [{ text: lines.map((line) => `> ${line}`).join('\n'), html }]
}

/** Clients show the veil; whoever has none reads where the words are. */
function veiled(text: string, bounds: Bounds): readonly Piece[] {
  const lines = linesOf(text, bounds)
  if (lines.length === 0) return []
  const words = lines.map(escaped).join('<br>')
  return [
    {
      text: '> (marked as sensitive: its address shows it)',
      html: `<blockquote><span data-mx-spoiler="">${words}</span></blockquote>`,
    },
  ]
}

async function namesOf(accounts: readonly ActorId[], deps: Deps): Promise<string> {
  const handles = await Promise.all(
    accounts.slice(0, mostNamed).map((id) => handleOfActor(id, deps)),
  )
  const more = accounts.length - handles.length
  return more > 0 ? `${handles.join(', ')} and ${String(more)} more` : handles.join(', ')
}

const countOf = ({ posts }: KeptReport): string =>
  posts.length === 0 ? '' : posts.length === 1 ? ', for a post' : `, for ${posts.length} posts`

/** Who reports whom, in one line without an end. */
export async function describeReport(report: KeptReport, deps: Deps): Promise<string> {
  const who = report.reporter ?? report.host
  return `${who} reports ${await namesOf(report.accounts, deps)}${countOf(report)}`
}

/** Why the words of a post are not shown; undefined: everybody may read it. An admin is nobody whom a private message was for. */
export function whyHidden(post: ObjectRecord | undefined): string | undefined {
  if (post === undefined) return 'not kept here'
  if (post.deletedAt !== undefined) return 'deleted'
  if (post.visibility === 'direct') return 'a private message'
  return post.visibility === 'followers' ? 'for followers' : undefined
}

type Words = { readonly body: string; readonly isVeiled: boolean; readonly files: number }

/** Of a post of ours as it is kept; of others as it stands in a room. */
async function wordsOf(
  { note }: ObjectRecord,
  shown: readonly Mapping[],
  { homeserver, identity }: Deps,
): Promise<Words> {
  if (note !== undefined) {
    const { source, sensitive, attachments } = note
    return { body: source, isVeiled: sensitive, files: attachments.length }
  }
  const [first] = shown
  const event = first && (await homeserver.findEvent(identity.bot, first.roomId, first.eventId))
  if (event?.type !== 'message') return { body: '', isVeiled: false, files: 0 }
  const { text, media } = event
  const isVeiled = text.html?.includes('data-mx-spoiler') === true
  return { body: text.body, isVeiled, files: media.length }
}

const filesLine = (count: number): string =>
  count === 0 ? '' : count === 1 ? ' (with a file)' : ` (with ${count} files)`

async function piecesOfPost(id: ObjectId, deps: Deps): Promise<readonly Piece[]> {
  const post = await deps.store.findObject(id)
  const address = plain(post?.url ?? id, longestAddress)
  const hidden = whyHidden(post)
  if (post === undefined || hidden !== undefined)
    return [said(`Post: ${address} (${hidden ?? ''})`)]
  const shown = (await deps.store.mappingsOf(id)).filter(({ part }) => part === 0)
  const { body, isVeiled, files } = await wordsOf(post, shown, deps)
  const links = shown.slice(0, mostRooms).map((mapping) => eventLink(mapping, deps))
  return [
    said(`Post${filesLine(files)}: ${[address, ...links].join(' · ')}`),
    ...(isVeiled ? veiled : quote)(body, shortPost),
  ]
}

async function piecesOfPosts({ posts }: KeptReport, deps: Deps): Promise<readonly Piece[]> {
  const pieces: Piece[] = []
  for (const id of posts.slice(0, mostPosts)) pieces.push(...(await piecesOfPost(id, deps)))
  const more = posts.length - mostPosts
  return more > 0 ? [...pieces, said(`and ${String(more)} more`)] : pieces
}

/** Who did it; of whoever had themselves forgotten nothing is known any more. */
export const by = (who: string): string => (who === '' ? '' : ` by ${who}`)

/** What admins did about it, and what they can still do. */
async function endOf(report: KeptReport, deps: Deps): Promise<readonly string[]> {
  const { number, resolved, deeds } = report
  const prefix = deps.identity.commandPrefix
  const done = deeds.map(({ deed, by: who, at }) =>
    deed === 'suspended'
      ? `Its accounts were suspended${by(who)} on ${timeOf(at)}.`
      : `Its posts were passed on to the homeserver${by(who)} on ${timeOf(at)}.`,
  )
  if (resolved !== undefined)
    return [...done, `Closed${by(resolved.by)} on ${timeOf(resolved.at)}.`]
  return [
    ...done,
    `\`${prefix} reports show ${number}\` shows all of it, \`${prefix} reports resolve ${number}\` closes it.`,
    buttonsLine,
  ]
}

/** What admins read of a report, as it is now. */
export async function reportNotice(report: KeptReport, deps: Deps): Promise<Piece> {
  const pieces = [
    said(`Report ${report.number}: ${await describeReport(report, deps)}.`),
    ...quote(report.text, shortReport),
    ...(await piecesOfPosts(report, deps)),
    ...(await endOf(report, deps)).map(said),
  ]
  return {
    text: pieces.map(({ text }) => text).join('\n'),
    html: pieces
      .map(({ html }) => html)
      .join('')
      .replace(/<br>$/, ''),
  }
}
