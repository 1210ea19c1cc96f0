import { Router, type Request, type Response } from 'express'
import type { LocalActor } from '../model/actor.ts'
import type { ObjectRecord } from '../model/note.ts'
import { asActorId, asObjectId, type ActorId, type ObjectId } from '../model/ids.ts'
import { nameOf } from '../model/actor.ts'
import { safeName } from '../model/names.ts'

export type PageDeps = {
  readonly publicUrl: string
  readonly handleDomain: string
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

type Page = { readonly title: string; readonly text: string }

const toHtml = ({ title, text }: Page): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>${escape(title)}</title></head><body><h1>${escape(title)}</h1><p>${escape(text)}</p></body></html>\n`

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
