import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { demand } from '../../test/e2e/support/json-http.ts'
import { repository, runProgram } from '../../test/e2e/support/process.ts'
import { freePort } from '../../test/support/free-port.ts'
import { startSynapse } from '../../test/e2e/support/synapse.ts'
import { sendAll } from '../load.ts'
import { buildProduct, makeSite, type Site, startProduct } from '../product.ts'
import { inTurn, timed } from '../rounds.ts'
import { cpuRow, type Measure, rateRow } from '../row.ts'
import { startSubject } from '../subject.ts'
import {
  type Author,
  bot,
  makeAuthors,
  seedDatabase,
  serverName,
  signedPosts,
  tokens,
} from '../world.ts'

const rounds = 5
const rooms = 16
const each = 12
const total = rooms * each
/** Before: compiling is not what an event costs a bridge that has run for a while. */
const warmUp = 60 * rooms

/** As the application service: the ghosts, and a room of each. */
async function prepareRooms(url: string, authors: readonly Author[]): Promise<Author[]> {
  const post = (to: string, json: unknown) =>
    demand<{ room_id: string }>({
      ...{ method: 'POST', url: `${url}/_matrix/client/v3/${to}`, token: tokens.as, json },
    })
  const register = (userId: string) =>
    post('register', {
      type: 'm.login.application_service',
      username: userId.slice(1).split(':')[0],
      inhibit_login: true,
    })
  await register(bot)
  const made: Author[] = []
  for (const author of authors) {
    await register(author.ghost)
    const { room_id: room } = await post('createRoom', { invite: [author.ghost] })
    await post(`join/${encodeURIComponent(room)}?user_id=${encodeURIComponent(author.ghost)}`, {})
    made.push({ ...author, room })
  }
  return made
}

/** What of ours stands in rooms: a mapping is written when the homeserver has answered. */
function mappingCounter({ folder }: Site): () => number {
  const sqlite = new Sqlite(path.join(folder, 'footbridge.db'), { readonly: true })
  const count = sqlite.prepare<[], { n: number }>('select count(*) as n from mapping')
  return () => count.get()?.n ?? 0
}

async function startWorld() {
  const port = await freePort()
  const site = await makeSite(`http://127.0.0.1:${port}`)
  const registrationFile = path.join(site.folder, 'registration.yaml')
  const program = [process.execPath, await buildProduct(), 'registration'] as const
  await runProgram([...program, '-c', site.configPath, '-o', registrationFile])
  const synapse = await startSynapse({ registrationFile, serverName, port })
  const authors = await prepareRooms(synapse.url, makeAuthors(rooms, 'https://social.example'))
  await seedDatabase(site.databaseUrl, site.publicUrl, authors)
  return { site, synapse, authors, bridge: await startProduct(site) }
}

type World = Awaited<ReturnType<typeof startWorld>>

/** Brings so many new posts through the bridge, all the way. */
async function bring(count: number, { site, authors }: World, standing: () => number) {
  const posts = await signedPosts(authors, `${site.publicUrl}/inbox`, { count })
  const wanted = standing() + count
  return async () => {
    await sendAll(site.publicUrl, posts, rooms)
    while (standing() < wanted) await pause(10)
  }
}

/**
 * What stands in a room for such a post. The bare program sends the same, for the longer an event
 * is, the more it costs the homeserver.
 */
async function contentOf({ synapse, authors: [author] }: World): Promise<unknown> {
  if (author === undefined) throw new Error('no authors')
  const room = `${synapse.url}/_matrix/client/v3/rooms/${encodeURIComponent(author.room)}`
  const url = `${room}/messages?dir=b&limit=1&user_id=${encodeURIComponent(author.ghost)}`
  const { chunk } = await demand<{ chunk: { type: string; content: unknown }[] }>({
    ...{ method: 'GET', url, token: tokens.as },
  })
  const [newest] = chunk
  if (newest?.type !== 'm.room.message') throw new Error('no post stands there')
  return newest.content
}

/** Signed activities into rooms of a real Synapse, against the same number of bare sends. */
export const synapse: Measure = {
  name: 'synapse',
  async run(tell) {
    if (!existsSync(path.join(repository, '.cache/peers/synapse/bin/python'))) {
      tell('Synapse is not installed here: npm test -- --only e2e brings it')
      return []
    }
    const world = await startWorld()
    const { site, authors, bridge } = world
    const standing = mappingCounter(site)
    await (
      await bring(warmUp, world, standing)
    )()
    const settings = {
      ...{ origin: world.synapse.url, token: tokens.as },
      content: await contentOf(world),
    }
    const sender = await startSubject({ script: 'bare/send.ts', settings })
    const pair = await inTurn(
      rounds,
      (round) =>
        timed(sender, total, () =>
          sender.ask('run', { lanes: authors, each, name: `bare-${round}` }),
        ),
      async () => timed(bridge, total, await bring(total, world, standing)),
    )
    tell(`${rounds} rounds of ${total} activities into ${rooms} rooms`)
    await Promise.all([sender.stop(), bridge.stop()])
    await world.synapse.stop()
    return [rateRow('AP → Synapse, events', pair, 0.9), cpuRow('AP → Synapse, CPU per event', pair)]
  },
}
