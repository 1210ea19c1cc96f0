import express, { Router, type ErrorRequestHandler, type Request, type Response } from 'express'
import type { Clock } from '../../model/clock.ts'
import type { LocalActor } from '../../model/actor.ts'
import { asActorId, asObjectId } from '../../model/ids.ts'
import { safeName } from '../../model/names.ts'
import { visitorOf } from '../client.ts'
import { fieldOf } from '../form.ts'
import { numberOf } from '../query.ts'
import { unreadableStatus } from '../unreadable.ts'
import { aboutPage } from './about-page.ts'
import { publicAssets } from './assets.ts'
import { toFeed } from './feed.ts'
import { groupPage } from './group-page.ts'
import { gone, hashtag, missing, refused, welcome, type PlainPage } from './plain-pages.ts'
import { closedPost, postHead, postPage } from './post-page.ts'
import { closedProfile, profileHead, profilePage } from './profile-page.ts'
import {
  isForAll,
  isOnPages,
  isShown,
  readOthers,
  readPost,
  readPosts,
  readReplies,
  toAuthor,
  type Author,
} from './read-post.ts'
import type { BlockedServer, PageDeps } from './reads.ts'
import { findWay } from './remote-follow.ts'
import type { Tried } from './remote-form.ts'
import { sendFeed, sendPage } from './send.ts'

export type { PageDeps } from './reads.ts'

type Deps = PageDeps & { readonly clock: Clock }
type Exchange = { readonly request: Request; readonly response: Response; readonly deps: Deps }
type Answer = (request: Request, response: Response) => Promise<void>

/** Posts of one page, and of the feed. */
const postsPerPage = 20
/** Bytes of a form: an account, and nothing else. */
const largestForm = 4_000

function sendPlain({ request, response, deps }: Exchange, status: number, page: PlainPage): void {
  response.status(status)
  sendPage({ request, response }, { head: { title: page.title }, main: page.main }, deps.publicUrl)
}

/** The account, or what is answered in its place. */
async function presentActor(
  exchange: Exchange,
  find: () => Promise<LocalActor | undefined>,
): Promise<LocalActor | undefined> {
  const actor = await find()
  if (actor === undefined) sendPlain(exchange, 404, missing)
  else if (actor.deletedAt !== undefined) sendPlain(exchange, 410, gone)
  else return actor
  return undefined
}

const named = ({ request, deps }: Exchange) =>
  deps.findLocalActorByUsername(String(request.params['username']))

async function answerGroup(
  { request, response, deps }: Exchange,
  author: Author,
  tried: Tried | undefined,
): Promise<void> {
  const { id } = author.actor
  const posts = await readOthers(await deps.newestToldBy(id, postsPerPage), id, deps)
  const followers = await deps.followersCount(id)
  const main = groupPage({ author, followers, posts, tried }, deps.publicUrl)
  sendPage({ request, response }, { head: { title: author.name }, main }, deps.publicUrl)
}

async function answerProfile(exchange: Exchange, tried?: Tried): Promise<void> {
  const { request, response, deps } = exchange
  const actor = await presentActor(exchange, () => named(exchange))
  if (actor === undefined) return
  const author = toAuthor(actor, deps)
  if (actor.group !== undefined) {
    await answerGroup(exchange, author, tried)
    return
  }
  if (!(await isOnPages(actor, deps))) {
    const head = { title: author.name }
    const main = closedProfile(author, deps.publicUrl, tried)
    sendPage({ request, response }, { head, main }, deps.publicUrl)
    return
  }
  const before = numberOf(request.query['before'])
  const withReplies = request.query['replies'] === '1'
  const page = await deps.postsBy(actor.id, {
    ...(before === undefined ? {} : { before }),
    limit: postsPerPage,
    withReplies,
  })
  const isFirst = before === undefined && !withReplies
  const pins = isFirst ? [...(await deps.featuredBy(actor.id))].reverse() : []
  const pinned = await readPosts(await Promise.all(pins.map(deps.findObject)), author, deps)
  const isPinned = new Set<string>(pins)
  const main = profilePage(
    {
      author,
      numbers: {
        posts: await deps.outboxCount(actor.id),
        following: await deps.followingCount(actor.id),
        followers: await deps.followersCount(actor.id),
      },
      ...{ withReplies, pinned, isLater: before !== undefined },
      posts: await readPosts(
        page.items.filter(({ id }) => !isPinned.has(id)),
        author,
        deps,
      ),
      ...(page.next === undefined ? {} : { next: page.next }),
      ...(tried === undefined ? {} : { tried }),
    },
    deps.publicUrl,
  )
  sendPage({ request, response }, { head: profileHead(author), main }, deps.publicUrl)
}

async function answerFeed(exchange: Exchange): Promise<void> {
  const { request, response, deps } = exchange
  const actor = await presentActor(exchange, () => named(exchange))
  if (actor === undefined) return
  if (!(await isOnPages(actor, deps))) {
    sendPlain(exchange, 404, missing)
    return
  }
  const author = toAuthor(actor, deps)
  const query = { limit: postsPerPage, withReplies: false }
  const posts = await readPosts((await deps.postsBy(actor.id, query)).items, author, deps)
  const isIndexed = actor.profile?.isIndexable === true
  sendFeed({ request, response }, toFeed(author, posts, deps.publicUrl), isIndexed)
}

/** `path` is that of the post, whatever was added to it. */
async function answerPost(exchange: Exchange, path: string, tried?: Tried): Promise<void> {
  const { request, response, deps } = exchange
  const object = await deps.findObject(asObjectId(`${deps.publicUrl}${path}`))
  if (object === undefined || !object.isLocal || !isForAll(object)) {
    sendPlain(exchange, 404, missing)
    return
  }
  const actor = await deps.findLocalActor(object.author)
  if (actor === undefined || actor.deletedAt !== undefined || object.deletedAt !== undefined) {
    sendPlain(exchange, 410, gone)
    return
  }
  const author = toAuthor(actor, deps)
  if (!isShown(object) || !(await isOnPages(actor, deps))) {
    const head = { title: `A post by ${author.handle}` }
    const main = closedPost(author, object.id)
    sendPage({ request, response }, { head, main }, deps.publicUrl)
    return
  }
  const post = await readPost(object, author, deps)
  const answers = await readReplies(object.id, object.author, deps)
  const main = postPage(
    { post, answers, ...(tried === undefined ? {} : { tried }) },
    deps.publicUrl,
  )
  sendPage({ request, response }, { head: postHead(post), main }, deps.publicUrl)
}

/** Only our own pages send our forms: nobody else makes visitors ask servers through us. */
function isOwnForm({ headers }: Request, publicUrl: string): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = headers
  return origin === undefined || origin === new URL(publicUrl).origin
}

/** Sends the visitor to their own server, or shows the page again with what was wrong. */
async function sendAway(
  exchange: Exchange,
  uri: string,
  again: (tried: Tried) => Promise<void>,
): Promise<void> {
  const { request, response, deps } = exchange
  const account = fieldOf(request, 'account', largestForm) ?? ''
  const way = await findWay(account, { uri, visitor: visitorOf(request) }, deps)
  if ('to' in way) {
    response.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    response.redirect(303, way.to)
    return
  }
  if (way.retryAfter !== undefined) response.set('retry-after', String(way.retryAfter))
  response.status(way.status)
  await again({ account: account.slice(0, 300), problem: way.problem })
}

function addForms(router: Router, deps: Deps): void {
  const read = express.urlencoded({ extended: false, limit: largestForm, parameterLimit: 10 })
  const form =
    (answer: (exchange: Exchange) => Promise<void>): Answer =>
    async (request, response) => {
      const exchange = { request, response, deps }
      if (isOwnForm(request, deps.publicUrl)) await answer(exchange)
      else sendPlain(exchange, 403, refused)
    }
  const follow = form(async (exchange) => {
    const actor = await presentActor(exchange, () => named(exchange))
    if (actor === undefined) return
    const uri = `${actor.username}@${deps.handleDomain}`
    await sendAway(exchange, uri, (tried) => answerProfile(exchange, tried))
  })
  const answer = form(async (exchange) => {
    const path = exchange.request.path.replace(/\/answer$/, '')
    const uri = `${deps.publicUrl}${path}`
    const object = await deps.findObject(asObjectId(uri))
    const author = object && isShown(object) ? await deps.findLocalActor(object.author) : undefined
    if (author === undefined || !(await isOnPages(author, deps))) await answerPost(exchange, path)
    else await sendAway(exchange, uri, (tried) => answerPost(exchange, path, tried))
  })
  router.post('/@:username/follow', read, follow)
  router.post('/objects/:id/answer', read, answer)
}

/** The list may be long: it is read anew no more often, milliseconds. */
const blockedHold = 60_000

function rememberingBlocked(deps: Deps): () => Promise<readonly BlockedServer[]> {
  let last: { readonly blocked: readonly BlockedServer[]; readonly at: number } | undefined
  return async () => {
    const at = deps.clock.now()
    if (last === undefined || Math.abs(at - last.at) >= blockedHold)
      last = { blocked: await deps.blockedServers(), at }
    return last.blocked
  }
}

/** A form that is too large or no form at all, and a path that does not decode. */
function excuse(deps: Deps): ErrorRequestHandler {
  // eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
  return (error: unknown, request, response, next) => {
    const status = unreadableStatus(error)
    if (status !== undefined && !response.headersSent)
      sendPlain({ request, response, deps }, status, refused)
    else next(error)
  }
}

/**
 * Pages for browsers: what this server is, and the profiles and posts of those of its people who wish
 * that. Of all others a page tells where they can be read, and shows nothing that they wrote.
 */
export function pageRoutes(deps: Deps): Router {
  const router = Router()
  const page =
    (answer: (exchange: Exchange) => Promise<void> | void): Answer =>
    async (request, response) => {
      await answer({ request, response, deps })
    }
  const blocked = rememberingBlocked(deps)
  router.use(publicAssets.routes())
  router.get(
    '/',
    page(({ request, response }) => {
      const { title, main } = welcome(deps)
      const preview = { type: 'website' } as const
      const head = { title, isIndexed: true, canonical: `${deps.publicUrl}/`, preview }
      sendPage({ request, response }, { head, main }, deps.publicUrl)
    }),
  )
  router.get(
    '/about',
    page(async ({ request, response }) => {
      const asked = numberOf(request.query['blocked'], 6) ?? 1
      const main = aboutPage(await blocked(), asked, deps)
      sendPage({ request, response }, { head: { title: 'About' }, main }, deps.publicUrl)
    }),
  )
  router.get(
    '/tags/:name',
    page((exchange) => {
      const name = safeName(String(exchange.request.params['name']), 100)
      sendPlain(exchange, 200, hashtag(name))
    }),
  )
  router.get('/@:username', page(answerProfile))
  router.get('/@:username/feed.atom', page(answerFeed))
  router.get(
    '/actors/:id',
    page(async (exchange) => {
      const id = asActorId(`${deps.publicUrl}${exchange.request.path}`)
      const actor = await presentActor(exchange, () => deps.findLocalActor(id))
      if (actor === undefined) return
      exchange.response.set({ 'cache-control': 'private, no-cache', vary: 'Accept, Signature' })
      exchange.response.redirect(303, `${deps.publicUrl}/@${actor.username}`)
    }),
  )
  router.get(
    '/objects/:id',
    page((exchange) => answerPost(exchange, exchange.request.path)),
  )
  addForms(router, deps)
  // Whatever nobody else answers.
  router.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD')
      sendPlain({ request, response, deps }, 404, missing)
    else next()
  })
  router.use(excuse(deps))
  return router
}
