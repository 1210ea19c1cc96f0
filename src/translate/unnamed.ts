import type { MatrixEvent, Text } from '../model/event.ts'
import type { Media } from '../model/media.ts'
import type { Poll, PollOption } from '../model/content.ts'
import type { UserId } from '../model/ids.ts'
import { asUserId } from '../model/ids.ts'
import { renderHtml, textOf, type Html } from './html-tree.ts'
import { messageTree, pillOf } from './mentions.ts'

/** What says something. */
type Saying = Pick<
  MatrixEvent & { readonly type: 'message' | 'edit' },
  'text' | 'poll' | 'media' | 'place'
>

/** Stands for whoever has not agreed to be seen. */
const somebody = 'somebody'

/** What is longer is no name; and more of them than this in one message are no conversation. */
const longestName = 256
const mostNames = 100

/** Matrix ids in running text, and links to people. */
const ids = /@[a-z0-9._=/+-]{1,200}:[a-z0-9.-]*[a-z0-9](?::\d{1,5})?/gi
const links =
  /(?:https?:\/\/(?:www\.)?matrix\.to\/#\/|matrix:u(?:ser)?\/)[^\s<>()[\]"']*[^\s<>()[\]"'.,:;!?]/gi

const isAnchor = (node: Html): node is Exclude<Html, string> =>
  typeof node !== 'string' && node.tag === 'a'

function usersInText(text: string): readonly UserId[] {
  const linked = [...text.matchAll(links)].map(([link]) => pillOf(link))
  const typed = [...text.matchAll(ids)].map(([id]) => asUserId(id))
  return [...linked.filter((user) => user !== undefined), ...typed]
}

function collect(nodes: readonly Html[], found: Set<UserId>): void {
  for (const node of nodes) {
    if (typeof node === 'string') {
      for (const user of usersInText(node)) found.add(user)
      continue
    }
    const user = isAnchor(node) ? pillOf(node.attributes['href'] ?? '') : undefined
    if (user !== undefined) found.add(user)
    collect(node.children, found)
  }
}

/** The Matrix users that a text names, by pills, links or their ids; in code as well. */
export function usersIn(text: Text): ReadonlySet<UserId> {
  const found = new Set<UserId>()
  collect(messageTree(text), found)
  collect([text.body], found)
  return found
}

type Hidden = ReadonlySet<UserId>

const plain = (text: string, hidden: Hidden): string =>
  text
    .replace(links, (link) => {
      const user = pillOf(link)
      return user !== undefined && hidden.has(user) ? somebody : link
    })
    .replace(ids, (id) => (hidden.has(asUserId(id)) ? somebody : id))

/** `names`: gathers what the pills that are taken out show. */
function unnamedTree(nodes: readonly Html[], hidden: Hidden, names: Set<string>): Html[] {
  return nodes.map((node): Html => {
    if (typeof node === 'string') return plain(node, hidden)
    const user = isAnchor(node) ? pillOf(node.attributes['href'] ?? '') : undefined
    if (user === undefined || !hidden.has(user))
      return { ...node, children: unnamedTree(node.children, hidden, names) }
    names.add(textOf(node.children).trim())
    return somebody
  })
}

/** `[name](link)`, as clients write a pill into the body. */
const markdownPill = new RegExp(String.raw`\[([^\]]{0,200})\]\(<?(${links.source})>?\)`, 'gi')

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)

function unnamedBody(body: string, hidden: Hidden, names: ReadonlySet<string>): string {
  const bare = body.replace(markdownPill, (whole, _name: string, link: string) => {
    const user = pillOf(link)
    return user !== undefined && hidden.has(user) ? somebody : whole
  })
  const shown = [...names]
    .filter((name) => name !== '' && name.length <= longestName)
    .sort((a, b) => b.length - a.length)
    .slice(0, mostNames)
  if (shown.length === 0) return plain(bare, hidden)
  const any = shown.map(escaped).join('|')
  const words = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${any})(?![\p{L}\p{N}])`, 'gu')
  return plain(bare.replace(words, somebody), hidden)
}

/** The same text without who has not agreed to be seen: nobody of theirs may learn their id or name. */
export function unnamed(text: Text, hidden: Hidden): Text {
  if (hidden.size === 0) return text
  const names = new Set<string>()
  const html =
    text.html === undefined ? undefined : renderHtml(unnamedTree(messageTree(text), hidden, names))
  return {
    ...text,
    body: unnamedBody(text.body, hidden, names),
    ...(html === undefined ? {} : { html }),
    mentions: text.mentions.filter((userId) => !hidden.has(userId)),
  }
}

const answerText = ({ name: body, html }: PollOption): Text => ({
  body,
  ...(html === undefined ? {} : { html }),
  mentions: [],
})

const labelText = (body: string): Text => ({ body, mentions: [] })

/** What goes out with a file. */
const labelsOf = ({ name, alt, spoiler }: Media) => [name, alt, spoiler]

/** The Matrix users that an event names: in its words, the answers of a poll, and what stands by files and places. */
export function usersNamedBy({ text, poll, media, place }: Saying): ReadonlySet<UserId> {
  const labels = [...media.flatMap(labelsOf), place?.name].filter((label) => label !== undefined)
  const texts = [text, ...(poll?.options ?? []).map(answerText), ...labels.map(labelText)]
  return new Set(texts.flatMap((one) => [...usersIn(one)]))
}

/** Answers are told apart by their names alone. */
function unnamedPoll(poll: Poll, hidden: Hidden): Poll {
  const said = poll.options.map((option) => ({ option, ...unnamed(answerText(option), hidden) }))
  const taken = new Set(said.flatMap(({ option, body }) => (body === option.name ? body : [])))
  const options = said.map(({ option, body, html }): PollOption => {
    if (body === option.name) return option
    let name = body
    for (let count = 2; taken.has(name); count++) name = `${body} (${String(count)})`
    taken.add(name)
    return { ...option, name, ...(html === undefined || name !== body ? {} : { html }) }
  })
  return { ...poll, options }
}

/** Those of these labels that are there, with nobody in them. */
function unnamedLabels<Of extends Readonly<Partial<Record<Key, string>>>, Key extends string>(
  of: Of,
  keys: readonly Key[],
  hidden: Hidden,
): Of {
  const labels = keys.flatMap((key) => {
    const label = of[key]
    return label === undefined ? [] : [[key, unnamedBody(label, hidden, new Set())] as const]
  })
  return { ...of, ...Object.fromEntries(labels) }
}

/** The same for what an event says. */
export function unnamedIn(event: MatrixEvent, hidden: Hidden = new Set()): MatrixEvent {
  if (hidden.size === 0 || (event.type !== 'message' && event.type !== 'edit')) return event
  const { place, poll } = event
  return {
    ...event,
    text: unnamed(event.text, hidden),
    media: event.media.map((file) => unnamedLabels(file, ['name', 'alt', 'spoiler'], hidden)),
    ...(place === undefined ? {} : { place: unnamedLabels(place, ['name'], hidden) }),
    ...(poll === undefined ? {} : { poll: unnamedPoll(poll, hidden) }),
  }
}
