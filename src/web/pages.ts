import { Router, type Request, type Response } from 'express'
import type { LocalActor } from '../model/actor.ts'
import type { ObjectRecord } from '../model/note.ts'
import { asActorId, asObjectId, type ActorId, type ObjectId, type UserId } from '../model/ids.ts'
import { nameOf } from '../model/actor.ts'
import { safeName } from '../model/names.ts'

export type PageDeps = {
  readonly publicUrl: string
  readonly handleDomain: string
  /** The bot's Matrix id. */
  readonly bot: UserId
  readonly findObject: (id: ObjectId) => Promise<ObjectRecord | undefined>
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  readonly findLocalActorByUsername: (username: string) => Promise<LocalActor | undefined>
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
const escape = (text: string): string => text.replace(/[&<>"]/g, (one) => escapes[one] ?? one)

/** A paragraph for each text. */
type Page = { readonly title: string; readonly text: string | readonly string[] }

const toHtml = ({ title, text }: Page): string => {
  const paragraphs = [text].flat().map((one) => `<p>${escape(one)}</p>`)
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${escape(title)}</title></head><body><h1>${escape(title)}</h1>${paragraphs.join('')}</body></html>\n`
  )
}

function send(response: Response, status: number, page: Page): void {
  response
    .status(status)
    .set({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': status === 200 ? 'public, max-age=300' : 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
      vary: 'Accept, Signature',
    })
    .end(toHtml(page))
}

const missing: Page = {
  title: 'Nothing here',
  text: 'There is no such page, or it is not for everybody.',
}

/** For whoever opens the bare address, from either side. */
const welcome = ({ bot, handleDomain }: PageDeps): Page => ({
  title: 'Footbridge',
  text: [
    `Here people on Matrix and people on the fediverse reach each other.`,
    `You are on Matrix: open a direct chat with ${bot}. It says who you are on the fediverse and how to follow somebody.`,
    `You are on the fediverse (Mastodon, for instance): search on your own server for the address of somebody here, which ends in @${handleDomain}, and follow it or write to it as to anybody else.`,
    `Nobody is here who has not chosen to be. Whoever is followed or written to from here and does not want it blocks the account that does it: nothing passes between the two any more.`,
  ],
})

const gone: Page = { title: 'Deleted', text: 'What was here was deleted.' }

const isOpen = ({ visibility, isLocal }: ObjectRecord): boolean =>
  isLocal && (visibility === 'public' || visibility === 'unlisted')

/**
 * What a browser gets that follows a link of ours: where the thing itself can be read. Nobody has
 * agreed to more than that, so a page shows nothing that people wrote.
 */
export function pageRoutes(deps: PageDeps): Router {
  const { publicUrl } = deps
  const router = Router()
  const profile = (response: Response, actor: LocalActor | undefined): void => {
    if (actor === undefined) send(response, 404, missing)
    else if (actor.deletedAt !== undefined) send(response, 410, gone)
    else send(response, 200, profileOf(actor, deps))
  }
  router.get('/', (_, response) => send(response, 200, welcome(deps)))
  router.get('/tags/:name', (request, response) => {
    const name = safeName(request.params.name, 100)
    const text = `Posts are not listed by hashtag here. Search for #${name} on the server where you have an account.`
    send(response, 200, { title: `#${name}`, text })
  })
  router.get('/@:username', async ({ params }, response) =>
    profile(response, await deps.findLocalActorByUsername(params.username)),
  )
  router.get('/actors/:id', async ({ path }, response) =>
    profile(response, await deps.findLocalActor(asActorId(`${publicUrl}${path}`))),
  )
  router.get('/objects/:id', (request, response) => answerPost(request, response, deps))
  // Whatever nobody else answers.
  router.use(({ method }, response, next) => {
    if (method === 'GET' || method === 'HEAD') send(response, 404, missing)
    else next()
  })
  return router
}

function profileOf(actor: LocalActor, { handleDomain }: PageDeps): Page {
  const handle = `@${actor.username}@${handleDomain}`
  const text = `${handle} is on Matrix. To read or follow this account, search for ${handle} on the server of the fediverse where you have an account.`
  return { title: safeName(nameOf(actor), 100), text }
}

async function answerPost(
  { path }: Request,
  response: Response,
  { publicUrl, findObject, findLocalActor, handleDomain }: PageDeps,
): Promise<void> {
  const object = await findObject(asObjectId(`${publicUrl}${path}`))
  if (object === undefined || !isOpen(object)) {
    send(response, 404, missing)
    return
  }
  if (object.deletedAt !== undefined) {
    send(response, 410, gone)
    return
  }
  const author = await findLocalActor(object.author)
  const by = author === undefined ? '' : ` by @${author.username}@${handleDomain}`
  const text = `To read it, search for ${object.id} on the server of the fediverse where you have an account.`
  send(response, 200, { title: `A post${by}`, text })
}
