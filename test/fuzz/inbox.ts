import type { Action, MatrixAction } from '../../src/model/action.ts'
import type { Activity } from '../../src/model/activity.ts'
import type { KnownForMatrix } from '../../src/translate/known.ts'
import type { Note } from '../../src/model/note.ts'
import type { UploadedFile } from '../../src/model/upload.ts'
import { RejectedError } from '../../src/model/errors.ts'
import { deepestDocument, maxDepth } from '../../src/activitypub/depth.ts'
import { largestBody } from '../../src/activitypub/inbox.ts'
import { scanEnvelope } from '../../src/activitypub/envelope.ts'
import { isJson } from '../../src/activitypub/parse-values.ts'
import { parseActivity, parseActor, parseNote } from '../../src/activitypub/parse.ts'
import { parsePublicKeys, readEnvelope } from '../../src/activitypub/parse.ts'
import { parseStamp } from '../../src/activitypub/quote-document.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { contentOf } from '../../src/bridge/speak.ts'
import { reactionContent } from '../../src/bridge/message-content.ts'
import { asMxc } from '../../src/model/ids.ts'
import { toMatrix } from '../../src/translate/to-matrix.ts'
import { generousKnown, now } from '../corpus/known.ts'
import { dangersInMessage } from '../support/dangers.ts'
import type { Chance } from '../simulation/chance.ts'
import { mangle } from './bytes.ts'
import { validDocuments } from './documents.ts'
import { markup } from './markup.ts'
import { mutate, write } from './mutate.ts'
import { promise, type Measure, type Target } from './target.ts'
import { pickFrom } from './values.ts'

/** An event may have 65,536 bytes; what is around its content needs its share. */
const mostContent = 62_000

const documents = validDocuments()

/** A post whose words are hostile rather than its form. */
function withMarkup(value: unknown, chance: Chance): unknown {
  if (!isJson(value)) return value
  const inner = value['object']
  const holder = isJson(inner) ? { ...inner } : { ...value }
  const member = pickFrom(chance, ['content', 'content', 'content', 'summary', 'name'], 'content')
  Object.assign(holder, { [member]: markup(chance, 200_000) })
  return isJson(inner) ? { ...value, object: holder } : holder
}

/** A document of ours, in some places another one, and sometimes as bytes that are no JSON. */
export function hostileDocument(chance: Chance): Buffer {
  const base = chance.pick(documents)
  const given = chance.happens(0.25) ? withMarkup(base, chance) : base
  const text = write(mutate(given, chance.pick(documents), chance))
  const bytes = chance.happens(0.12) ? mangle(text, chance) : Buffer.from(text)
  return bytes.subarray(0, largestBody)
}

/** What it gives; undefined where it refuses in the one way that is allowed. */
function orRefusal<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

const { serialize } = createSerializer({
  ...{ publicUrl: 'https://us.test', handleDomain: 'us.test', bridgeName: 'Footbridge' },
  ...{ findKeys: () => undefined, clock: { now: () => now } },
})

/** Wherever it comes from, it has been brought to the homeserver. */
const file: UploadedFile = {
  mxc: asMxc('mxc://us.test/file'),
  size: 9,
  mediaType: 'image/png',
  width: 3,
  height: 2,
}
type Content = Readonly<Record<string, unknown>>
type Found = ReadonlyMap<string, UploadedFile>
type Message = Extract<MatrixAction, { do: 'send' | 'edit' }>

function everythingOf({ text, media }: Message): Found {
  const pictures = [...(text.emojis ?? []), ...(media?.fallback.emojis ?? [])]
  const urls = [
    ...pictures.map(({ url }) => url),
    media?.attachment.url,
    media?.attachment.thumbnail,
  ]
  return new Map(urls.map((url) => [url ?? '', file]))
}

/** Events that an action sends, with all of its files and without any. */
function contentsOf(action: MatrixAction): readonly Content[] {
  if (action.do === 'react')
    return [reactionContent(action, undefined), reactionContent(action, file.mxc)]
  if (action.do !== 'send' && action.do !== 'edit') return []
  const nothing: Found = new Map()
  return [everythingOf(action), nothing].map((found) => {
    const content = contentOf(action, found)
    return action.do === 'send' ? content : { ...content, 'm.new_content': content }
  })
}

const isOurs = (mxc: string): boolean => mxc === file.mxc

/** Of a pair only JSON writes both as one character; what it escapes is alone. */
const hasHalves = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

/** Whether a homeserver would take it, and whoever reads it sees something harmless. */
function checkContent(content: Content, action: MatrixAction): void {
  const { body } = content
  const text = JSON.stringify(action.do === 'edit' ? content['m.new_content'] : content)
  promise(Buffer.byteLength(text) <= mostContent, `the event has ${Buffer.byteLength(text)} bytes`)
  promise(!hasHalves.test(text), 'the event has half characters')
  if (action.do !== 'react')
    promise(typeof body === 'string' && body.trim() !== '', 'the message says nothing')
  const mayRing = action.do !== 'react'
  const rings = /^rings for/
  const dangers = dangersInMessage(content, isOurs, mayRing).filter((one) => !rings.test(one))
  promise(dangers.length === 0, `the message is dangerous: ${dangers.join(', ')}`)
}

function checkActions(actions: readonly Action[]): void {
  for (const action of actions) {
    if (action.do === 'publish' || action.do === 'commit') continue
    for (const content of contentsOf(action)) checkContent(content, action)
    if (action.do === 'tell') promise(action.text.trim() !== '', 'the bot says nothing')
  }
}

/** As seen by somebody who knows everything that it refers to, and by somebody who knows nothing. */
function* knownFor(activity: Activity, note: Note | undefined): Iterable<KnownForMatrix> {
  const generous = generousKnown(activity, note)
  yield generous
  yield { ...generous, objects: new Map(), mappings: new Map(), rooms: new Map() }
}

function translate(activity: Activity): readonly Action[] {
  const carried = 'object' in activity && typeof activity.object !== 'string'
  const note = carried ? activity.object.embedded : undefined
  const actions = [...knownFor(activity, note)].flatMap(
    (known) => toMatrix(activity, known).actions ?? [],
  )
  for (const action of actions) if (action.do === 'publish') serialize(action.activity)
  return actions
}

/** The scan before the signature and the reading after it must not see two activities. */
function checkScan(body: Buffer, document: unknown): void {
  const scanned = scanEnvelope(body)
  if (scanned !== undefined || !isJson(document)) return
  promise(maxDepth(body) > deepestDocument, 'the scan refuses what is a document')
}

/** Everything that a body of the inbox goes through, as far as it gets. */
function takeBody(body: Buffer): readonly Action[] {
  const claimed = scanEnvelope(body)
  if (claimed === undefined) return []
  const document = parsed(body)
  if (document === undefined) return []
  readEnvelope(document)
  const activity = orRefusal(() => parseActivity(document, now))
  return activity === undefined ? [] : translate(activity)
}

/** A document that was fetched, as whatever it may be asked for. */
function readFetched(body: Buffer): void {
  if (maxDepth(body) > deepestDocument) return
  const document = parsed(body)
  orRefusal(() => parseActor(document, now))
  orRefusal(() => parseNote(document))
  orRefusal(() => parseStamp(document))
  parsePublicKeys(document)
}

function check(body: Buffer, measure: Measure): void {
  checkActions(measure(() => takeBody(body)))
  measure(() => readFetched(body))
  checkScan(body, parsed(body))
}

export const inboxTarget: Target = { name: 'inbox', share: 170, make: hostileDocument, check }
