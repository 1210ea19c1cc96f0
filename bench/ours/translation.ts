import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Translation } from '../../src/model/action.ts'
import type { MatrixEvent, Text } from '../../src/model/event.ts'
import { parseActivity } from '../../src/activitypub/parse.ts'
import { isJson } from '../../src/activitypub/parse-values.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { asEventId, asRoomId, asUserId } from '../../src/model/ids.ts'
import { toActivityPub } from '../../src/translate/to-activitypub.ts'
import { toMatrix } from '../../src/translate/to-matrix.ts'
import type { KnownForMatrix } from '../../src/translate/known.ts'
import { documentsIn, indexOf } from '../../test/corpus/documents.ts'
import { fateOf } from '../../test/corpus/fate.ts'
import { generousKnown, now } from '../../test/corpus/known.ts'
import { knownForFediverse } from '../../test/translate/known-for-fediverse.ts'
import { publicUrl } from '../../test/translate/people.ts'
import { answer, ready } from '../child.ts'
import { median, percentile } from '../rounds.ts'

const root = path.resolve(import.meta.dirname, '../..')
const recorded = path.resolve(root, '../shared/fixtures')
const own = path.join(root, 'test/fixtures/documents')

/** Each post so often in a round, and so many rounds. */
const times = 20
const rounds = 9
/** All posts so often before. */
const warmUp = 200

/** Every document of the folder that is shown as a post, as the Create that would bring it. */
function postsIn(folder: string): object[] {
  const documents = documentsIn(folder)
  const index = indexOf(documents)
  return documents.flatMap(({ value }) => {
    const isPost = isJson(value) && fateOf(value, index).kind === 'create'
    if (!isPost || fateOf(value, index).outcome !== 'shown') return []
    if (value['type'] === 'Create') return [value]
    const { id, attributedTo, actor } = value
    return [
      { id: `${String(id)}/activity`, type: 'Create', actor: actor ?? attributedTo, object: value },
    ]
  })
}

type Post = { readonly document: object; readonly known: KnownForMatrix }

function withKnown(document: object): Post {
  const activity = parseActivity(document, now)
  const note = activity.type === 'create' ? activity.object.embedded : undefined
  return { document, known: generousKnown(activity, note) }
}

/** What is done for each post: its JSON is read and decided on. What resolving found is there. */
const bring = ({ document, known }: Post): Translation =>
  toMatrix(parseActivity(document, now), known)

/** What a Matrix user would have written to say the same. */
function textOf(translation: Translation): Text | undefined {
  for (const action of translation.actions ?? []) {
    if (action.do !== 'send' || action.text.body === '') continue
    const { body, html } = action.text
    return { body, mentions: [], ...(html === undefined ? {} : { html }) }
  }
  return undefined
}

const messageOf = (text: Text): MatrixEvent & { type: 'message' } => ({
  ...{ type: 'message', kind: 'text', media: [], relation: { isFallback: false }, text, ts: now },
  ...{ eventId: asEventId('$a'), roomId: asRoomId('!room'), sender: asUserId('@alice:us.test') },
})

/** Microseconds of CPU that one run of `work` takes: the median of the rounds. */
function cpuOf(work: () => unknown): number {
  const each: number[] = []
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    for (let time = 0; time < times; time++) work()
    const { user, system } = process.cpuUsage(before)
    each.push((user + system) / times)
  }
  return median(each)
}

const summarise = (cpu: readonly number[]) => ({
  posts: cpu.length,
  p50: percentile(cpu, 0.5),
  p99: percentile(cpu, 0.99),
})

answer('measure', () => {
  const folder = existsSync(recorded) ? recorded : own
  const posts = postsIn(folder)
    .map(withKnown)
    .filter((post) => !('skip' in bring(post)))
  const texts = posts
    .map(bring)
    .map(textOf)
    .filter((text) => text !== undefined)
  const { serialize } = createSerializer({
    ...{ publicUrl, handleDomain: 'us.test', bridgeName: 'bench' },
    ...{ findKeys: () => undefined, clock: { now: () => 0 } },
  })
  const known = knownForFediverse({}, { portal: { kind: 'profile', of: 'alice' } })
  const publish = (text: Text) => {
    for (const action of toActivityPub(messageOf(text), known).actions ?? [])
      if (action.do === 'publish') serialize(action.activity)
  }
  const inward = posts.map((post) => () => bring(post))
  const outward = texts.map((text) => () => publish(text))
  // As in a bridge that has run for a while: compiling is not what a post costs.
  for (let time = 0; time < warmUp; time++) for (const work of [...inward, ...outward]) work()
  return {
    folder: path.relative(root, folder),
    inward: summarise(inward.map(cpuOf)),
    outward: summarise(outward.map(cpuOf)),
  }
})
ready()
