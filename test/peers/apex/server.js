/** A federation server on activitypub-express, driven over its control port (../shared/control.mjs). */
import { generateKeyPairSync } from 'node:crypto'
import http from 'node:http'
import ActivitypubExpress from 'activitypub-express'
import express from 'express'
import * as control from '../shared/control.mjs'
import { accountsThemselves } from './accounts.js'
import { makeStore } from './store.js'

const settings = control.readArguments()
const baseUrl = `http://${settings.host}:${settings.port}`
const routes = {
  actor: '/u/:actor',
  object: '/o/:id',
  activity: '/s/:id',
  inbox: '/u/:actor/inbox',
  outbox: '/u/:actor/outbox',
  followers: '/u/:actor/followers',
  following: '/u/:actor/following',
  liked: '/u/:actor/liked',
  collections: '/u/:actor/c/:id',
  blocked: '/u/:actor/blocked',
  rejections: '/u/:actor/rejections',
  rejected: '/u/:actor/rejected',
  shares: '/s/:id/shares',
  likes: '/s/:id/likes',
}
const quiet = { info() {}, warn: console.error, error: console.error }
const apex = ActivitypubExpress({
  name: 'apex',
  version: '1.0.0',
  baseUrl,
  routes,
  domain: `${settings.host}:${settings.port}`,
  actorParam: 'actor',
  objectParam: 'id',
  activityParam: 'id',
  context: [
    {
      alsoKnownAs: { '@id': 'as:alsoKnownAs', '@type': '@id' },
      movedTo: { '@id': 'as:movedTo', '@type': '@id' },
      bridgeable: 'https://w3id.org/fep/0036#bridgeable',
      hidesToPublicFromUnauthedWeb: 'https://gotosocial.org/ns#hidesToPublicFromUnauthedWeb',
      hidesCcPublicFromUnauthedWeb: 'https://gotosocial.org/ns#hidesCcPublicFromUnauthedWeb',
    },
  ],
  store: makeStore(),
  logger: quiet,
})
console.log = console.error // standard output is for the one line that says "ready"

/** It would fetch its own private notes over HTTP, and refuse itself. */
const fetchObject = apex.requestObject
apex.requestObject = async (id) => (await apex.store.getObject(id)) ?? fetchObject(id)

const inbox = control.makeInboxLog()
let held = settings.locked

function makeKeys() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

/** createActor() makes a 4096 bit key, which takes seconds; the rest is as there. */
async function addAccount(name) {
  const id = apex.utils.usernameToIRI(name)
  const { inbox, outbox, followers, following, liked } = apex.utils.nameToActorStreams(name)
  const { publicKey, privateKey } = makeKeys()
  const actor = await apex.fromJSONLD({
    id,
    type: 'Person',
    inbox,
    outbox,
    followers,
    following,
    liked,
    preferredUsername: name,
    name: `${name} of apex`,
    summary: '',
    publicKey: { id: `${id}#main-key`, owner: id, publicKeyPem: publicKey },
  })
  actor._meta = { privateKey }
  await apex.store.saveObject(actor)
}

const actorOf = async (name) => {
  const actor = await apex.store.getObject(apex.utils.usernameToIRI(name), true)
  if (!actor) throw new Error(`no account ${name}`)
  return actor
}

async function publish(actor, type, { to, ...fields }) {
  const activity = await apex.buildActivity(type, actor.id, to, fields)
  await apex.addToOutbox(actor, activity)
  return activity.id
}

async function acceptFollow(recipient, follow) {
  const { postTask } = await apex.acceptFollow(recipient, follow)
  const id = await publish(recipient, 'Accept', { to: follow.actor[0], object: follow.id })
  await postTask()
  return id
}

const audienceOf = (actor, { visibility = 'public', mentions = [] }) =>
  control.addressing({ visibility, followers: actor.followers[0], mentions })

const filesOf = (attachments) => attachments.map((file) => ({ type: 'Document', ...file }))

const operations = {
  ...inbox.operations,
  accounts: () =>
    settings.accounts.map((name) => ({
      name,
      id: apex.utils.usernameToIRI(name),
      handle: `@${name}@${settings.host}:${settings.port}`,
      inbox: apex.utils.nameToActorStreams(name).inbox,
    })),
  hold: ({ on }) => void (held = Boolean(on)),
  async followers({ as }) {
    const actor = await actorOf(as)
    actor._local = { blockList: [] }
    return idsOf((await apex.getFollowers(actor, Infinity, true)).orderedItems)
  },
  async following({ as }) {
    return idsOf((await apex.getFollowing(await actorOf(as), Infinity, true)).orderedItems)
  },
  async follow({ as, actor: target }) {
    return { activity: await publish(await actorOf(as), 'Follow', { to: target, object: target }) }
  },
  async unfollow({ as, actor: target, activity }) {
    const actor = await actorOf(as)
    const follow = await apex.store.getActivity(activity, true)
    await publish(actor, 'Undo', {
      to: target,
      object: { id: activity, type: 'Follow', actor: actor.id, object: target },
    })
    if (follow) await apex.store.removeActivity(follow, actor.id)
  },
  async answer({ as, activity, accept }) {
    const actor = await actorOf(as)
    const follow = await apex.store.getActivity(activity, true)
    if (accept) return { activity: await acceptFollow(actor, follow) }
    return { activity: await publish(actor, 'Reject', { to: follow.actor[0], object: follow.id }) }
  },
  async post({ as, content, mentions = [], visibility, attachments = [], emojis = [], ...rest }) {
    const { inReplyTo, summary, cc = [] } = rest
    const actor = await actorOf(as)
    const named = audienceOf(actor, { visibility, mentions })
    const audience = { ...named, cc: [...named.cc, ...cc] }
    const note = await apex.fromJSONLD({
      id: apex.utils.objectIdToIRI(),
      type: 'Note',
      attributedTo: actor.id,
      content,
      published: new Date().toISOString(),
      ...audience,
      ...(inReplyTo && { inReplyTo }),
      ...(summary && { summary }),
      tag: [
        ...mentions.map((href) => ({ type: 'Mention', href, name: href })),
        ...emojis.map(({ name, url }) => ({
          type: 'Emoji',
          name: `:${name}:`,
          icon: { type: 'Image', url },
        })),
      ],
      attachment: filesOf(attachments),
    })
    await apex.store.saveObject(note)
    return {
      object: note.id,
      activity: await publish(actor, 'Create', { ...audience, object: note }),
    }
  },
  async ask({ as, content, options }) {
    const actor = await actorOf(as)
    const audience = audienceOf(actor, {})
    const question = await apex.fromJSONLD({
      id: apex.utils.objectIdToIRI(),
      type: 'Question',
      attributedTo: actor.id,
      content,
      published: new Date().toISOString(),
      ...audience,
      oneOf: options.map((name) => ({
        type: 'Note',
        name,
        replies: { type: 'Collection', totalItems: 0 },
      })),
    })
    await apex.store.saveObject(question)
    const activity = await publish(actor, 'Create', { ...audience, object: question })
    return { object: question.id, activity }
  },
  async vote({ as, poll, to, choice }) {
    const actor = await actorOf(as)
    const vote = await apex.fromJSONLD({
      id: apex.utils.objectIdToIRI(),
      type: 'Note',
      attributedTo: actor.id,
      name: choice,
      inReplyTo: poll,
      to: [to],
    })
    return { activity: await publish(actor, 'Create', { to: [to], object: vote }) }
  },
  async update({ as, object, content, attachments }) {
    const files = attachments && { type: 'Note', attachment: filesOf(attachments) }
    const note = {
      ...(await apex.store.getObject(object)),
      ...(files && { attachment: (await apex.fromJSONLD(files)).attachment }),
      content: [content],
      updated: [new Date().toISOString()],
    }
    await apex.store.updateObject(note, undefined, true)
    return {
      activity: await publish(await actorOf(as), 'Update', {
        to: note.to,
        cc: note.cc,
        object: note,
      }),
    }
  },
  async remove({ as, object }) {
    const note = await apex.store.getObject(object)
    const tombstone = await apex.buildTombstone(note)
    await apex.store.updateObject(tombstone, undefined, true)
    return {
      activity: await publish(await actorOf(as), 'Delete', {
        to: note.to,
        cc: note.cc,
        object: tombstone,
      }),
    }
  },
  /** `type`: Like, or another that says as much. */
  async like({ as, object, to, type = 'Like', content }) {
    const fields = { to, object, ...(content && { content }) }
    return { activity: await publish(await actorOf(as), type, fields) }
  },
  async boost({ as, object, to }) {
    const actor = await actorOf(as)
    const audience = audienceOf(actor, { mentions: [to].flat() })
    return { activity: await publish(actor, 'Announce', { ...audience, object }) }
  },
  /** Takes back a reaction or an Announce. */
  async undo({ as, activity, to }) {
    const actor = await actorOf(as)
    const undone = await apex.store.getActivity(activity, true)
    const { id, type, object } = undone
    await publish(actor, 'Undo', {
      to,
      object: { id, type, actor: actor.id, object: idsOf(object) },
    })
    await apex.store.removeActivity(undone, actor.id)
  },
}

Object.assign(operations, accountsThemselves({ apex, fetchObject, actorOf, publish, makeKeys }))

const idsOf = (items) => items.map((item) => item.id ?? item)

const app = express()
app.set('env', 'test') // "development" would accept what is not signed
app.post(routes.inbox, (req, res, next) => {
  res.on('finish', () => {
    const { originalUrl: path, headers, rawBody: body = Buffer.alloc(0) } = req
    inbox.record({ path, headers, body, status: res.statusCode })
  })
  return inbox.isFailing() ? res.sendStatus(500) : next()
})
app.use(
  express.json({
    type: apex.consts.jsonldTypes,
    limit: '1mb',
    verify: (req, _res, body) => void (req.rawBody = body),
  }),
  apex,
)
app.route(routes.inbox).get(apex.net.inbox.get).post(apex.net.inbox.post)
app.get(routes.outbox, apex.net.outbox.get)
app.get(routes.actor, apex.net.actor.get)
app.get(routes.followers, apex.net.followers.get)
app.get(routes.following, apex.net.following.get)
app.get(routes.liked, apex.net.liked.get)
app.get(routes.object, apex.net.object.get)
app.get(routes.activity, apex.net.activityStream.get)
app.get(routes.shares, apex.net.shares.get)
app.get(routes.likes, apex.net.likes.get)
app.get('/.well-known/webfinger', apex.net.webfinger.get)
app.get('/.well-known/nodeinfo', apex.net.nodeInfoLocation.get)
app.get('/nodeinfo/:version', apex.net.nodeInfo.get)
app.on('apex-inbox', ({ activity, recipient }) => {
  if (activity.type === 'Follow' && !held) void acceptFollow(recipient, activity)
})

for (const name of settings.accounts) await addAccount(name)
await control.listen(http.createServer(app), settings.port)
await control.serveControl(settings.control, operations)
control.announceReady()
