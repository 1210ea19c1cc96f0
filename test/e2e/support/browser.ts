import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Moves on by the keyboard until that is reached. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate<string>(
      '(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()',
    )
    if (at.replace(/\s+/g, ' ') === name) return
  }
  throw new Error(`"${name}" is not reached by the keyboard`)
}

/** What is wrong with a page, that one or the one it shows: by axe, on its console, and by its width. */
export async function faultsOf(page: Page, url?: string): Promise<readonly string[]> {
  const faults: string[] = []
  page.on('console', (line) => {
    // A page that is not there says so there too.
    if (line.type() !== 'log' && !line.text().includes('status of 4')) faults.push(line.text())
  })
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url ?? page.url()).origin)
      faults.push(`asks ${request.url()}`)
    if (request.resourceType() === 'script') faults.push(`runs ${request.url()}`)
  })
  if (url !== undefined) await page.goto(url)
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(' ')}`)
  const isWide = await page.evaluate<boolean>(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  )
  return [...faults, ...found, ...(isWide ? ['is wider than the window'] : [])]
}
