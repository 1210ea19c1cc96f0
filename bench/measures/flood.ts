import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { freePort } from '../../test/support/free-port.ts'
import { type Request, sendAll } from '../load.ts'
import { makeSite, productFlags } from '../product.ts'
import { inTurn, percentile, timed } from '../rounds.ts'
import { cpuRow, limitRow, type Measure } from '../row.ts'
import { startSubject, type Subject } from '../subject.ts'
import { type Author, makeManyAuthors, seedDatabase, signedPosts } from '../world.ts'

const rounds = 5
const perRound = 1_000
/** A flood lasts: what its first thousands cost more, until their code is compiled, is nobody's defence. */
const warmUp = 6_000
const concurrency = 16
/** While good activities come. */
const inFlood = 6_000
const good = 200

/** Well-formed, by a known key, dated now, over this body: only the signature does not hold. */
async function badPosts(
  authors: readonly Author[],
  inbox: string,
  count: number,
): Promise<Request[]> {
  const posts = await signedPosts(authors, inbox, { count })
  return posts.map(({ headers, ...post }) => {
    const signature = (headers['signature'] ?? '').replace(
      /signature="(.)/,
      (_, first: string) => `signature="${first === 'A' ? 'B' : 'A'}`,
    )
    return { ...post, headers: { ...headers, signature } }
  })
}

/** Sends all, so many at a time. Throws where one is not refused as unproven. */
async function floodWith(origin: string, requests: readonly Request[]): Promise<void> {
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 })
  const left = requests.values()
  const work = async (): Promise<void> => {
    for (const request of left) {
      const { statusCode, body } = await pool.request({ ...request, headers: request.headers })
      const text = await body.text()
      if (statusCode !== 401) throw new Error(`${statusCode} ${text.slice(0, 300)}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, work))
  } finally {
    await pool.close()
  }
}

/** How long good activities take that come one after another while a flood does, milliseconds. */
async function goodMeanwhile(
  origin: string,
  bad: readonly Request[],
  posts: readonly Request[],
): Promise<readonly number[]> {
  const flooding = floodWith(origin, bad)
  const times: number[] = []
  for (const post of posts) {
    const started = performance.now()
    await sendAll(origin, [post], 1)
    times.push(performance.now() - started)
    await sleep(5)
  }
  await flooding
  return times
}

const hour = 3_600_000
/** Once a minute each key would be asked for again, of servers that are none. */
const justFetched = ({ actor, ...author }: Author): Author => ({
  ...author,
  actor: { ...actor, fetchedAt: Date.now() + hour },
})

async function start() {
  const authors = makeManyAuthors(50).map(justFetched)
  const site = await makeSite('http://127.0.0.1:9')
  await seedDatabase(site.databaseUrl, site.publicUrl, authors)
  const port = await freePort()
  const keys = authors.flatMap(({ actor }) => actor.publicKeys)
  const bare = await startSubject({
    script: 'bare/inbox.ts',
    settings: {
      ...{ port, parses: true, database: path.join(site.folder, 'bare.db') },
      keys: Object.fromEntries(keys.map(({ id, pem }): [string, string] => [id, pem])),
    },
  })
  const ours = await startSubject({
    script: 'ours/routes.ts',
    settings: { config: site.configPath },
    flags: productFlags,
  })
  return { authors, site, bare, ours, bareOrigin: `http://127.0.0.1:${port}` }
}

/** Who cannot prove to be anybody must cost no more than finding that out. */
export const flood: Measure = {
  name: 'flood',
  async run(tell) {
    const { authors, site, bare, ours, bareOrigin } = await start()
    const inbox = `${site.publicUrl}/inbox`
    // What is refused is not remembered, so that the same may come again.
    const refused = await badPosts(authors, inbox, perRound)
    const round = (subject: Subject, origin: string) =>
      timed(subject, perRound, () => floodWith(origin, refused))
    for (let sent = 0; sent < warmUp; sent += perRound) {
      await floodWith(bareOrigin, refused)
      await floodWith(site.publicUrl, refused)
    }
    const pair = await inTurn(
      rounds,
      () => round(bare, bareOrigin),
      () => round(ours, site.publicUrl),
    )
    tell(`${rounds} rounds of ${perRound} bad signatures, ${concurrency} at a time`)
    const [bad, posts] = [
      await badPosts(authors, inbox, inFlood),
      await signedPosts(authors, inbox, { count: good }),
    ]
    const before = await ours.usage()
    const times = await goodMeanwhile(site.publicUrl, bad, posts)
    const after = await ours.usage()
    tell(`${good} good activities while ${inFlood} bad ones came`)
    await Promise.all([bare.stop(), ours.stop()])
    const p50 = percentile(times, 0.5).toFixed(1)
    return [
      cpuRow('flood of bad signatures, CPU per refused request', pair, 1.5),
      limitRow('good activities meanwhile, p99', percentile(times, 0.99), {
        ...{ unit: 'ms', beside: `p50 ${p50}` },
      }),
      limitRow('memory that the flood adds', (after.peak - before.rss) / 1e6, {
        ...{ unit: 'MB', most: 30 },
      }),
    ]
  },
}
