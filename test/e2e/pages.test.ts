import { afterAll, beforeAll, expect, test } from '@jest/globals'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startBrowser } from '../../screenshots/browser.ts'
import { startScene } from '../../screenshots/pages-scene.ts'
import type { PagesStage } from '../support/pages.ts'
import { faultsOf, tabTo } from './support/browser.ts'
import { describeWith } from './support/peers.ts'
import { ask, openProfile, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'

/** The server of a visitor: it knows `me`, and has a page where `me` goes on. */
async function startOwnServer(): Promise<{ host: string; close: () => void }> {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? ''}`)
    if (url.pathname === '/.well-known/webfinger') {
      const links = [
        { rel: 'self', type: 'application/activity+json', href: `${url.origin}/users/me` },
        {
          rel: 'http://ostatus.org/schema/1.0/subscribe',
          template: `${url.origin}/authorize_interaction?uri={uri}`,
        },
      ]
      response.setHeader('content-type', 'application/jrd+json')
      response.end(JSON.stringify({ subject: `acct:me@${url.host}`, links }))
    } else if (url.pathname === '/authorize_interaction') {
      response.setHeader('content-type', 'text/html')
      response.end(
        `<!doctype html><title>Follow?</title><p>${url.searchParams.get('uri') ?? ''}</p>`,
      )
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Types an account into the form of a page, with no mouse; where that ends. */
async function followByKeyboard(page: Page, account: string): Promise<string> {
  await tabTo(page, 'Follow')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Your account on the fediverse')
  await page.keyboard.type(account)
  const before = page.url()
  await page.keyboard.press('Enter')
  await page.waitForURL(({ href }) => href !== before)
  return page.url()
}

const main = ['/@alice', '/objects/picture', '/objects/poll', '/about', '/']
const others = ['/@alice?replies=1', '/@closed', '/objects/pictures', '/objects/warning']
const rest = [...others, '/objects/answer', '/tags/bridges', '/nothing']

type Window = { readonly options: BrowserContextOptions; readonly paths: readonly string[] }

const wide = { width: 1100, height: 900 }
const windows: readonly (readonly [string, Window])[] = [
  ['light', { options: { viewport: wide }, paths: [...main, ...rest] }],
  ['dark', { options: { colorScheme: 'dark', viewport: wide }, paths: main }],
  ['phone', { options: { viewport: { width: 320, height: 640 }, hasTouch: true }, paths: main }],
  ['forced colours', { options: { forcedColors: 'active' }, paths: ['/@alice'] }],
]

describeWith(['chromium'], 'pages in a browser', () => {
  let stage: PagesStage
  let browser: Browser
  let own: Awaited<ReturnType<typeof startOwnServer>>
  beforeAll(async () => {
    own = await startOwnServer()
    const template = `http://${own.host}/authorize_interaction?uri={uri}`
    stage = await startScene({ askTemplate: async () => template })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await stage.close()
    own.close()
  })

  test.each(windows)('are without a fault for axe, %s', async (_, { options, paths }) => {
    const context = await browser.newContext(options)
    for (const path of paths) {
      const page = await context.newPage()
      expect([path, await faultsOf(page, stage.publicUrl + path)]).toEqual([path, []])
      await page.close()
    }
    await context.close()
  })

  test('would be found to have one', async () => {
    const faulty = '<!doctype html><img src="https://elsewhere.invalid/x.png"><p>x'
    const server = http.createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(`${faulty}<div style="width: 9000px">y</div><script src="/x.js"></script>`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const page = await browser.newPage()
    const { port } = server.address() as AddressInfo
    const faults = (await faultsOf(page, `http://127.0.0.1:${port}/`)).join('\n')
    for (const fault of ['image-alt', 'asks https://elsewhere', 'runs http', 'is wider'])
      expect(faults).toContain(fault)
    await page.close()
    server.closeAllConnections()
    server.close()
  })

  test('are whole without scripts; what is hidden opens, the form too', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${stage.publicUrl}/objects/warning`)
    const words = page.getByText('It falls down, of course.')
    expect(await words.isVisible()).toBe(false)
    await page.getByText('The end of the film about the bridge').click()
    expect(await words.isVisible()).toBe(true)
    await page.goto(`${stage.publicUrl}/@alice`)
    await page.getByText('Follow', { exact: true }).click()
    await page.getByLabel('Your account on the fediverse').fill(`me@${own.host}`)
    await page.getByRole('button', { name: 'Go to your server' }).click()
    await page.waitForURL(`http://${own.host}/**`)
    await context.close()
  })

  test.each(['light', 'dark'] as const)(
    'are %s where the reader wants that',
    async (colorScheme) => {
      const page = await browser.newPage({ colorScheme })
      await page.goto(`${stage.publicUrl}/@alice`)
      const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
      const [red = ''] = /\d+/.exec(ground) ?? []
      expect(Number(red) > 128).toBe(colorScheme === 'light')
      await page.close()
    },
  )

  test('are followed by the keyboard alone, on a phone too', async () => {
    for (const [, { options }] of windows.slice(0, 3)) {
      const page = await browser.newPage(options)
      await page.goto(`${stage.publicUrl}/@alice`)
      const end = await followByKeyboard(page, `@me@${own.host}`)
      expect(end).toBe(`http://${own.host}/authorize_interaction?uri=alice%40hs.test`)
      await page.close()
    }
  })

  test('say what was wrong with what was typed, where the reader is led to it', async () => {
    const page = await browser.newPage()
    await page.goto(`${stage.publicUrl}/@alice`)
    await followByKeyboard(page, 'me')
    const field = page.getByLabel('Your account on the fediverse')
    expect(await field.inputValue()).toBe('me')
    expect(await page.getByRole('alert').textContent()).toContain('Write your account like')
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('account')
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
    expect(violations).toEqual([])
    await page.close()
  })

  test('have a feed that a strict reader of XML takes', async () => {
    const page = await browser.newPage()
    await page.goto(`${stage.publicUrl}/about`)
    const text = await (await fetch(`${stage.publicUrl}/@alice/feed.atom`)).text()
    const parsed = await page.evaluate<readonly [string, number]>(
      `(() => { const all = new DOMParser().parseFromString(${JSON.stringify(text)}, 'application/xml');
        return [all.documentElement.nodeName, all.getElementsByTagName('parsererror').length] })()`,
    )
    expect(parsed).toEqual(['feed', 0])
    await page.close()
  })
})

describeWith(['synapse', 'chromium'], 'a page of somebody on Matrix', () => {
  let stack: Stack
  let alice: Guest
  let browser: Browser
  let own: Awaited<ReturnType<typeof startOwnServer>>
  let room: string
  beforeAll(async () => {
    ;[stack, own, browser] = await Promise.all([startStack(), startOwnServer(), startBrowser()])
    alice = await stack.meet('alice')
    room = await openProfile(alice)
  })
  afterAll(async () => {
    await browser.close()
    own.close()
    await stack.stop()
  })

  const read = async (path: string) => {
    const page = await browser.newPage()
    const response = await page.goto(stack.publicUrl + path)
    const text = await page.innerText('main')
    await page.close()
    return { status: response?.status(), text }
  }

  test('is there when they wish it, with what they write for everybody', async () => {
    await alice.client.text(room, 'Words for everybody')
    await shown(alice.client, room, 'Words for everybody')
    expect((await read('/@alice')).text).not.toContain('Words for everybody')
    await ask(alice, 'settings web_page on', '`web_page` is now `on`')
    await ask(alice, 'whoami', `${stack.publicUrl}/@alice`)
    const { status, text } = await read('/@alice')
    expect(status).toBe(200)
    expect(text).toContain('Words for everybody')
    expect(text).toContain(alice.client.userId)
  })

  test('leads a visitor to their own server, which is asked by WebFinger', async () => {
    const page = await browser.newPage()
    await page.goto(`${stack.publicUrl}/@alice`)
    const end = await followByKeyboard(page, `@me@${own.host}`)
    const uri = encodeURIComponent(alice.handle.slice(1))
    expect(end).toBe(`http://${own.host}/authorize_interaction?uri=${uri}`)
    await page.close()
  })

  test('answers servers with the documents, at the same addresses', async () => {
    const accept = { accept: 'application/activity+json' }
    const response = await fetch(`${stack.publicUrl}/@alice`, { headers: accept })
    expect(response.headers.get('content-type')).toContain('application/activity+json')
    const html = await fetch(`${stack.publicUrl}/@alice`, { headers: { accept: 'text/html' } })
    expect(html.headers.get('content-type')).toContain('text/html')
  })

  test('is gone when they no longer wish it', async () => {
    await ask(alice, 'settings web_page off', '`web_page` is now `off`')
    expect((await read('/@alice')).text).not.toContain('Words for everybody')
    expect((await read('/@alice/feed.atom')).status).toBe(404)
  })
})
