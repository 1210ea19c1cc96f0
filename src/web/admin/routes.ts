import express, { Router, type ErrorRequestHandler, type Request, type Response } from 'express'
import { isSameSecret } from '../../model/same-secret.ts'
import { fieldOf } from '../form.ts'
import { html } from '../pages/html.ts'
import { unreadableStatus } from '../unreadable.ts'
import { acts } from './acts.ts'
import { adminAssets } from './assets.ts'
import { logIn, sendDoor, showDoor, type LoginDeps } from './login.ts'
import { guard, isOwnForm, sendHtml, sessionIn, setSession } from './send.ts'
import type { Session } from './sessions.ts'
import { views, type ViewDeps } from './views.ts'
import { toAdminDocument, type AdminView, type Viewer } from './view.ts'

export type AdminPageDeps = LoginDeps & ViewDeps

/** Bytes of a form. */
const largestForm = 16 * 1024

type Exchange = { readonly request: Request; readonly response: Response }

const ended = 'You are not logged in any more, and nothing was done.'

/** Who asks; undefined: nobody who may, who has been answered then. */
function enter({ request, response }: Exchange, deps: AdminPageDeps): Session | undefined {
  const token = sessionIn(request)
  const session = token === undefined ? undefined : deps.sessions.find(token)
  if (session !== undefined && deps.desk.mayUse(session.user)) return session
  if (token !== undefined && session !== undefined) deps.sessions.end(token)
  if (request.method === 'GET' || request.method === 'HEAD') response.redirect(303, '/admin/login')
  else sendDoor(response, deps, { status: 401, problem: ended })
  return undefined
}

/** What is to be said to them is said once. */
function viewerOf(session: Session): Viewer {
  const { user, csrf, notice } = session
  delete session.notice
  return { user, csrf, ...(notice === undefined ? {} : { notice }) }
}

const missing: AdminView = {
  title: 'Nothing here',
  main: html`<p>
    There is no such page. <a href="/admin">The overview</a> leads to all there are.
  </p>`,
}

const refused: AdminView = {
  title: 'That did not work',
  main: html`<p>
    The form was not complete, or not from this page. Go back, load the page anew, and try it from
    there.
  </p>`,
}

const send = (
  { request, response }: Exchange,
  viewer: Viewer,
  { status = 200, view }: { readonly status?: number; readonly view: AdminView },
): void =>
  sendHtml(
    response,
    status,
    toAdminDocument(view, viewer, (request.baseUrl + request.path).replace(/\/$/, '')),
  )

/** The session of a form that is theirs; undefined: it was answered. */
function enterByForm(exchange: Exchange, deps: AdminPageDeps): Session | undefined {
  const session = enter(exchange, deps)
  if (session === undefined) return undefined
  const { request } = exchange
  const given = fieldOf(request, 'csrf', 100)
  if (isOwnForm(request) && given !== undefined && isSameSecret(given, session.csrf)) return session
  send(exchange, viewerOf(session), { status: 403, view: refused })
  return undefined
}

/** Does what a form says, and leads back to where it stood; what came of it is said there. */
async function act(exchange: Exchange, deps: AdminPageDeps): Promise<void> {
  const session = enterByForm(exchange, deps)
  if (session === undefined) return
  const { request, response } = exchange
  const command = acts.get(String(request.params['act']))?.(request)
  if (command === undefined) {
    send(exchange, viewerOf(session), { status: 400, view: refused })
    return
  }
  const { back, ...rest } = command
  const { end, text } = await deps.desk.act(session.user, rest)
  session.notice = { text, isProblem: end !== 'done' }
  response.redirect(303, back)
}

function logOut(exchange: Exchange, deps: AdminPageDeps): void {
  const session = enterByForm(exchange, deps)
  if (session === undefined) return
  const { request, response } = exchange
  deps.sessions.end(sessionIn(request) ?? '')
  deps.log.info({ by: session.user.userId }, 'an admin logged out')
  setSession(request, response, { token: '', seconds: 0 })
  response.redirect(303, '/admin/login')
}

/** A form that is too large or none, a path that does not decode. */
// eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
const excuse: ErrorRequestHandler = (error: unknown, _, response, next) => {
  const status = unreadableStatus(error)
  if (status === undefined || response.headersSent) next(error)
  else response.status(status).type('text').end('That cannot be read.\n')
}

/** All of `/admin`, on a listener of its own. */
export function adminRoutes(deps: AdminPageDeps): Router {
  const router = Router()
  router.get('/', (_, response) => response.redirect(303, '/admin'))
  router.use(adminAssets.routes())
  const under = Router()
  under.use((_, response, next) => {
    guard(response)
    next()
  })
  const read = express.urlencoded({ extended: false, limit: largestForm, parameterLimit: 20 })
  under.get('/login', (request, response) => showDoor(request, response, deps))
  under.post('/login', read, (request, response) => logIn(request, response, deps))
  under.post('/logout', read, (request, response) => logOut({ request, response }, deps))
  under.post('/do/:act', read, (request, response) => act({ request, response }, deps))
  for (const [path, view] of views)
    under.get(path, async (request, response) => {
      const exchange = { request, response }
      const session = enter(exchange, deps)
      if (session === undefined) return
      const viewer = viewerOf(session)
      const found = await view(request, viewer, deps.desk)
      if (found === undefined) send(exchange, viewer, { status: 404, view: missing })
      else send(exchange, viewer, { view: found })
    })
  under.use((request, response) => {
    const exchange = { request, response }
    const session = enter(exchange, deps)
    if (session !== undefined) send(exchange, viewerOf(session), { status: 404, view: missing })
  })
  under.use(excuse)
  router.use('/admin', under)
  return router
}
