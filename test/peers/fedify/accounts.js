import { randomUUID } from 'node:crypto'
import { Create, Delete, Flag, Link, Move, Note, PUBLIC_COLLECTION, Update } from '@fedify/vocab'
import { Temporal } from '@js-temporal/polyfill'

/** generateCryptoKeyPair() makes a 4096 bit key, which takes seconds. */
export const makeRsaPair = () =>
  crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  )

/** What befalls accounts themselves: they move, end, get other keys, complain, and read what others wrote. */
export function accountsThemselves({ federation, origin, world }) {
  const { accounts, objects, context, send, actorUri, lookUp, newId } = world
  const followersOf = (as) => [...accounts.get(as).followers.values()]

  async function actorNow(as) {
    const request = new Request(actorUri(as))
    return federation.createContext(request, undefined).getActor(as)
  }

  /** Tells the followers how the account is now. */
  async function tellProfile(as, sender = { identifier: as }) {
    const fields = { id: newId(), actor: actorUri(as), tos: [PUBLIC_COLLECTION] }
    const update = new Update({ ...fields, object: await actorNow(as) })
    await context().sendActivity(sender, followersOf(as), update)
    return { activity: update.id.href }
  }

  /** A public reply to a post of ours goes on to our followers as it came, as Mastodon does it. */
  async function forwardReply(ctx, create) {
    const note = await create.getObject(ctx)
    const parent = objects.get(note?.replyTargetId?.href)
    const owner = parent && ctx.parseUri(parent.attributionId)
    if (!(note instanceof Note) || owner?.type !== 'actor') return
    const isPublic = [...create.toIds, ...create.ccIds].some(
      ({ href }) => href === PUBLIC_COLLECTION.href,
    )
    if (!isPublic) return
    // Also what carries no proof: then the others have to fetch it.
    await ctx.forwardActivity({ identifier: owner.identifier }, 'followers', {
      skipIfUnsigned: false,
    })
  }

  const operations = {
    /** Tells the followers of a new display name. */
    rename({ as, name }) {
      accounts.get(as).displayName = name
      return tellProfile(as)
    },
    /** What it says of itself from now on: `summary`, `discoverable`, `indexable`, `suspended`, `original`. */
    async describe({ as, said, isTold }) {
      accounts.get(as).said = said
      return isTold ? tellProfile(as) : { activity: '' }
    },
    /** Names another account as its own, from where it may move here. */
    alias({ as, actor }) {
      const account = accounts.get(as)
      account.aliases = [...(account.aliases ?? []), actor]
    },
    async move({ as, to }) {
      accounts.get(as).movedTo = to
      const object = actorUri(as)
      const move = new Move({ id: newId(), actor: object, object, target: new URL(to) })
      return { activity: await send(as, followersOf(as), move) }
    },
    /** Its followers are told, and whoever asks for it is answered 410. */
    async vanish({ as }) {
      const actor = actorUri(as)
      const fields = { id: newId(), actor, object: actor, tos: [PUBLIC_COLLECTION] }
      const activity = await send(as, followersOf(as), new Delete(fields))
      accounts.get(as).isGone = true
      return { activity }
    },
    /** Another RSA key with the same id, told with the key of before. */
    async rotateKey({ as }) {
      const account = accounts.get(as)
      const before = await context().getActorKeyPairs(as)
      account.keys = [await makeRsaPair(), account.keys[1]]
      return tellProfile(
        as,
        before.map(({ keyId, privateKey }) => ({ keyId, privateKey })),
      )
    },
    /** `objects`: ids of accounts and posts; goes to the server of `to`. */
    async flag({ as, objects: accused, to, content }) {
      const about = accused.map((id) => new URL(id))
      const flag = new Flag({ id: newId(), actor: actorUri(as), objects: about, content })
      return { activity: await send(as, await lookUp(to), flag) }
    },
    /** A document of another server, as one reads it who signs. */
    async read({ as, url }) {
      const load = await context().getDocumentLoader({ identifier: as })
      return (await load(url)).document
    },
    /** Takes somebody for a follower who has not asked, or for none who has. */
    async claim({ as, actor, on }) {
      const { followers } = accounts.get(as)
      if (on) followers.set(actor, await lookUp(actor))
      else followers.delete(actor)
    },
    /** For the followers alone, with the digest of those on each server (FEP-8fcf). */
    async postCompared({ as, content }) {
      const actor = actorUri(as)
      const to = context().getFollowersUri(as)
      const fields = { id: new URL(`${origin}/notes/${randomUUID()}`), attribution: actor, to }
      const note = new Note({ ...fields, content, published: Temporal.Now.instant() })
      objects.set(note.id.href, note)
      const create = new Create({ id: newId(), actor, object: note, to })
      const options = { syncCollection: true, preferSharedInbox: true }
      await context().sendActivity({ identifier: as }, 'followers', create, options)
      return { object: note.id.href, activity: create.id.href }
    },
  }
  return { forwardReply, operations }
}

/** Says that it is a copy of what is there (FEP-fffd). */
export const toOriginal = (href) => new Link({ href: new URL(href), rel: 'canonical' })

/** What an account says of itself besides its name and its addresses. */
export const saidOf = ({ aliases = [], movedTo, said: { original, ...said } = {} }) => ({
  ...said,
  ...(original !== undefined && { url: toOriginal(original) }),
  aliases: aliases.map((id) => new URL(id)),
  ...(movedTo !== undefined && { successor: new URL(movedTo) }),
})

/** Every signed request of this server to another one: by which kind of signature, and its answer. */
export function watchRequests() {
  const items = []
  const send = globalThis.fetch
  globalThis.fetch = async (input, options) => {
    const answer = await send(input, options)
    const { method, url, headers } = input instanceof Request ? input : {}
    if (headers?.has('signature')) {
      const scheme = headers.has('signature-input') ? 'rfc9421' : 'cavage'
      items.push({ method, url, scheme, status: answer.status })
    }
    return answer
  }
  return { requested: ({ since = 0 }) => items.slice(since) }
}
