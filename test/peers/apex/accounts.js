import { publicCollection } from '../shared/control.mjs'

/** What befalls accounts themselves: they block, move, end, get another key and complain. */
export function accountsThemselves({ apex, fetchObject, actorOf, publish, makeKeys }) {
  const everybody = (actor) => ({ to: [publicCollection], cc: actor.followers })

  /** The account as it is from now on; `key` is the private one. */
  async function change(actor, fields, key) {
    const { _meta, ...before } = actor
    const meta = key === undefined ? _meta : { ..._meta, privateKey: key }
    const now = { ...before, ...fields }
    await apex.store.updateObject({ ...now, _meta: meta }, undefined, true)
    return now
  }

  return {
    async block({ as, actor }) {
      return { activity: await publish(await actorOf(as), 'Block', { to: actor, object: actor }) }
    },
    /** What it says of itself from now on: `summary`, `bridgeable`, `hides…` (GoToSocial). */
    async describe({ as, said, isTold }) {
      const fields = Object.entries(said).map(([name, value]) => [name, [value]])
      const object = await change(await actorOf(as), Object.fromEntries(fields))
      if (!isTold) return { activity: '' }
      const actor = await actorOf(as)
      return { activity: await publish(actor, 'Update', { ...everybody(actor), object }) }
    },
    /** Tells the followers of a new display name. */
    async rename({ as, name }) {
      const actor = await actorOf(as)
      const object = await change(actor, { name: [name] })
      return { activity: await publish(actor, 'Update', { ...everybody(actor), object }) }
    },
    async ping({ as, to }) {
      return { activity: await publish(await actorOf(as), 'Ping', { to }) }
    },
    /** Asks whether an account may stand in a collection of ours (FEP-7aa9). */
    async requestFeature({ as, actor }) {
      const me = await actorOf(as)
      const fields = { to: actor, object: actor, instrument: `${me.id}/c/favourites` }
      return { activity: await publish(me, 'FeatureRequest', fields) }
    },
    /** What is kept of an account elsewhere. */
    knows: ({ actor }) => apex.store.getObject(actor),
    async alias({ as, actor }) {
      await change(await actorOf(as), { alsoKnownAs: [actor] })
    },
    async move({ as, to }) {
      const actor = await actorOf(as)
      await change(actor, { movedTo: [to] })
      const fields = { ...everybody(actor), object: actor.id, target: to }
      return { activity: await publish(actor, 'Move', fields) }
    },
    async vanish({ as }) {
      const actor = await actorOf(as)
      const activity = await publish(actor, 'Delete', { ...everybody(actor), object: actor.id })
      return { activity }
    },
    /** Another key with the same id, told with the key of before: that signs what is on its way. */
    async rotateKey({ as }) {
      const actor = await actorOf(as)
      const { publicKey, privateKey } = makeKeys()
      const [{ id, owner }] = actor.publicKey
      const now = { ...actor, publicKey: [{ id, owner, publicKeyPem: [publicKey] }] }
      delete now._meta
      const activity = await publish(actor, 'Update', { ...everybody(actor), object: now })
      await change(actor, { publicKey: now.publicKey }, privateKey)
      return { activity }
    },
    async flag({ as, objects, to, content }) {
      const fields = { to, object: objects, content }
      return { activity: await publish(await actorOf(as), 'Flag', fields) }
    },
    /** A document of another server: it signs no requests. */
    read: ({ url }) => fetchObject(url),
  }
}
