/** The bridge's deliveries: the bare function, and whole jobs from the queue to their end. */
import type { Change } from '../../src/model/change.ts'
import { assemble } from '../../src/assemble.ts'
import { createDelivery } from '../../src/activitypub/deliver.ts'
import { createPrivateKey } from 'node:crypto'
import { asActivityId } from '../../src/model/ids.ts'
import type { KeyPair } from '../../src/model/actor.ts'
import { createSealer } from '../../src/activitypub/sealing.ts'
import { createSchemes, createSignedHttp } from '../../src/activitypub/signed-http.ts'
import { createStore } from '../../src/store/store.ts'
import { answer, ready, settingsOf } from '../child.ts'
import { aliceOf, tokens } from '../world.ts'
import { readConfig, realWorld } from './world.ts'

type Run = { readonly inboxes: readonly string[]; readonly body: string; readonly name: string }

const { config: path, ...pems } = settingsOf<{
  readonly config: string
  readonly publicPem: string
  readonly privatePem: string
  readonly keyId: string
}>()
const config = readConfig(path)
const world = await realWorld(config)
const assembly = assemble(world)
// A store of its own wakes nobody: what it adds waits until the work is timed.
const store = createStore({ database: world.database, clock: world.clock })
const signer = aliceOf(config.activitypub.publicUrl).id
const privateKey = createPrivateKey(pems.privatePem)
const { keyId, publicPem, privatePem } = pems
const sealed = createSealer([tokens.encryption]).seal(privatePem, { actorId: signer, keyId })
const pair: KeyPair = { kind: 'rsa', keyId, publicPem, sealed, madeAt: 0 }
await store.commit([{ change: 'put-key-pair', actorId: signer, pair }])
await assembly.start()

const { clock, userAgent } = world
const schemes = createSchemes({ ...store, setMark: async () => undefined, clock })
const deliver = createDelivery({
  http: createSignedHttp({ ...world, schemes }),
  ...{ clock, userAgent },
  findActivity: store.findActivity,
  followersOn: store.followersOn,
  oldKey: async () => undefined,
  signingKey: async () => ({ keyId, privateKey }),
})

const activityIdOf = (name: string) => asActivityId(`${signer}/activities/${name}`)
const payloadOf = (name: string, inbox: string): string =>
  JSON.stringify({ activityId: activityIdOf(name), inbox, signer })

answer<Run>('prepare', async ({ inboxes, body, name }) => {
  const jobs = inboxes.map((inbox): Change => {
    const lane = `delivery:${inbox} ${name}`
    const job = { kind: 'delivery', key: `${activityIdOf(name)} ${inbox}`, lane } as const
    const host = new URL(inbox).host
    return { change: 'enqueue', job: { ...job, host, payload: payloadOf(name, inbox) } }
  })
  const activity = { id: activityIdOf(name), actor: signer, document: body, isPublic: true, at: 0 }
  await store.commit([{ change: 'put-activity', ...activity }, ...jobs])
})
answer('jobs', async () => {
  assembly.worker.wake()
  await assembly.worker.idle()
})
answer<Run>('function', async ({ inboxes, name }) => {
  const left = inboxes.values()
  const work = async (): Promise<void> => {
    for (const inbox of left) await deliver(payloadOf(name, inbox))
  }
  await Promise.all(Array.from({ length: 32 }, work))
})
ready()
