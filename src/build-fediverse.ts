import type { ActorId } from './model/ids.ts'
import type { Clock } from './model/clock.ts'
import type { PolicyIndex } from './model/policy-index.ts'
import { createDelivery } from './activitypub/deliver.ts'
import { instanceActorId } from './activitypub/actor-document.ts'
import { createDocumentFetch } from './activitypub/fetch.ts'
import { createFediverse } from './activitypub/fediverse.ts'
import { createKeyring } from './activitypub/keyring.ts'
import { createSerializer } from './activitypub/serialize.ts'
import { createSchemes, createSignedHttp } from './activitypub/signed-http.ts'
import { createWebFinger } from './activitypub/webfinger-client.ts'
import { lettingInFew, refuseBarred, refuseFiles } from './bridge/domain-blocks.ts'
import { accountRule } from './bridge/policies.ts'
import { heedingWishes } from './bridge/wishes.ts'
import { createQueue } from './queue/sqlite.ts'
import { createHeard } from './queue/heard.ts'
import { createStore, type SqliteStore } from './store/store.ts'
import { buildKeys } from './keys.ts'
import { identityOf } from './startup.ts'
import { rememberPings } from './pings.ts'
import type { World } from './assembly.ts'

export type State = ReturnType<typeof buildState>

/** A store that knows what is kept away by policy lists; where only those are let in whom an admin names, nobody else is. */
function keepingAway(config: World['config'], store: SqliteStore) {
  const { publicUrl, handleDomain } = config.activitypub
  const own = [new URL(publicUrl).host, handleDomain]
  type Find = SqliteStore['findDomainBlock']
  // Read each time: the setting may be loaded anew.
  const asked = (find: Find, host: string) =>
    config.moderation.allowListOnly
      ? lettingInFew(find, (name) => own.includes(name))(host)
      : find(host)
  const blockUnder = (rules: PolicyIndex, host: string) =>
    asked((name) => store.blockUnder(rules, name), host)
  return {
    ...store,
    blockUnder,
    findDomainBlock: (host: string) => asked(store.findDomainBlock, host),
    blockWithout: (domain: string) => asked(store.blockWithout, domain),
    findAccountRule: (id: ActorId) => accountRule(id, store, identityOf(config)),
  }
}

/** What is kept, and what waits. */
export function buildState({ config, database, clock, random }: World, wake: () => void) {
  const store = keepingAway(config, createStore({ database, clock, onCommit: wake }))
  const queue = createQueue({ database, clock, random, applyChanges: store.applyChanges })
  return { store, queue, wake, heard: createHeard({ queue, clock }), pings: rememberPings() }
}

export type Spoken = ReturnType<typeof buildFediverse>

const schemesIn = ({ findMark, commit }: SqliteStore, clock: Clock) =>
  createSchemes({
    findMark,
    setMark: (key, value) => commit([{ change: 'mark', key, value, at: clock.now() }]),
    clock,
  })

/** How we speak to the fediverse, and what we have to say there. */
export function buildFediverse(world: World, { store }: State) {
  const { clock, userAgent, config, sign } = world
  const http = refuseBarred(world.http, store)
  const { publicUrl, handleDomain } = config.activitypub
  const { keyPairs, keys } = buildKeys(world, store)
  const serializer = createSerializer({
    publicUrl,
    handleDomain,
    bridgeName: 'Footbridge',
    findKeys: keyPairs.known,
    clock,
  })
  const signer = () => keyPairs.signingKey(instanceActorId(publicUrl))
  const signed = createSignedHttp({ http, sign, clock, schemes: schemesIn(store, clock) })
  const fetchDocument = createDocumentFetch({
    ...{ http: signed, clock, userAgent, signer },
    keyOf: keyPairs.signingKey,
  })
  const keyring = createKeyring({
    fetchDocument,
    findRemoteActor: store.findRemoteActor,
    findKeysOf: store.findKeysOf,
    saveRemoteActor: (actor) => store.commit([{ change: 'put-remote-actor', actor }]),
    clock,
  })
  const reader = createFediverse({
    http,
    fileHttp: refuseFiles(http, store),
    clock,
    userAgent,
    fetchDocument,
    serializer,
    files: world.files,
    allowHttp: config.network.allowHttp,
  })
  const fediverse = heedingWishes(reader, {
    store,
    // Read each time: the setting may be loaded anew.
    matrixBridges: () => config.moderation.matrixBridges,
  })
  const deliver = createDelivery({
    http: signed,
    findActivity: async (id) => (await store.findActivity(id)) ?? store.findForwarded(id),
    followersOn: store.followersOn,
    signingKey: keyPairs.signingKey,
    oldKey: async (actorId) => (await keyPairs.keysFor(actorId)).previous,
    userAgent,
    clock,
  })
  const webFinger = createWebFinger({ http, clock, userAgent, allowHttp: config.network.allowHttp })
  const { keysFor } = keyPairs
  return { keys, keysFor, serializer, fetchDocument, keyring, fediverse, deliver, webFinger }
}
