import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { startBrowser } from './browser.ts'
import type { MatrixClient } from '../test/e2e/support/matrix-client.ts'
import { repository, runProgram } from '../test/e2e/support/process.ts'

/** A Matrix client that others wrote, in a browser, logged in. */
export type WebClient = {
  readonly page: Page
  /** Shows a room, joining it where the user is only invited. */
  readonly open: (roomId: string) => Promise<void>
  readonly stop: () => Promise<void>
}

const built = path.join(repository, '.cache/web-client')
const source = path.join(repository, 'test/peers/web-client')

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}

/** Built once; a minute. */
export async function buildWebClient(): Promise<void> {
  if (existsSync(path.join(built, 'theme.css'))) return
  await runProgram(['npm', 'ci', '--prefix', source, '--no-audit', '--no-fund'])
  await runProgram([process.execPath, path.join(source, 'build.mjs'), built])
}

/** What its page reads first: who is logged in, as the client itself would have kept it. */
function sessionOf({ url, userId, accessToken }: MatrixClient, deviceId: string): string {
  const kept = {
    mx_hs_url: url,
    mx_user_id: userId,
    mx_access_token: accessToken,
    mx_device_id: deviceId,
    mx_has_access_token: 'true',
    mx_is_guest: 'false',
  }
  const session = { hsUrl: url, hsName: userId.slice(userId.indexOf(':') + 1) }
  return `window.session = ${JSON.stringify(session)}
for (const [key, value] of Object.entries(${JSON.stringify(kept)})) localStorage.setItem(key, value)`
}

async function serve(session: string): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const name = pathname === '/' ? '/index.html' : decodeURIComponent(pathname)
    const answer =
      name === '/session.js' ? session : readFile(path.join(built, path.normalize(name)))
    Promise.resolve(answer).then(
      (body) => {
        const type = types[path.extname(name)] ?? 'application/octet-stream'
        response.writeHead(200, { 'content-type': type }).end(body)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** Adds the token to what is asked for pictures, as the client's own service worker does. */
const showPictures = (page: Page, { accessToken }: MatrixClient): Promise<unknown> =>
  page.route(/\/_matrix\/(client\/v1\/)?media\//, (route, request) =>
    route.continue({
      url: request.url().replace('/_matrix/media/v3/', '/_matrix/client/v1/media/'),
      headers: { ...request.headers(), authorization: `Bearer ${accessToken}` },
    }),
  )

/** Logs in as that user and waits until the list of rooms is there. */
export async function openWebClient(user: MatrixClient): Promise<WebClient> {
  const { device_id: deviceId } = await user.request<{ device_id: string }>(
    'GET',
    'v3/account/whoami',
  )
  const server = await serve(sessionOf(user, deviceId))
  const browser = await startBrowser()
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } })
  await showPictures(page, user)
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('console', (line) => line.type() === 'error' && faults.push(line.text()))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.waitForSelector('.mx_RoomTile', { timeout: 240_000 }).catch((cause: unknown) => {
    throw new Error(`the client did not start: ${faults.join('; ').slice(0, 4_000)}`, { cause })
  })
  // It points at news of its own.
  await page
    .getByRole('button', { name: 'OK' })
    .click({ timeout: 10_000 })
    .catch(() => undefined)
  return {
    page,
    open: async (roomId) => {
      await user.join(roomId)
      const view = JSON.stringify({ action: 'view_room', room_id: roomId })
      await page.evaluate(`window.mxDispatcher.dispatch(${view})`)
      await page.waitForSelector('.mx_RoomView_MessageList .mx_EventTile', { timeout: 60_000 })
      await page.waitForTimeout(3_000)
    },
    stop: async () => {
      await browser.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
