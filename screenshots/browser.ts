import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const chromiums = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A Chromium of the machine's, which asks nobody for anything of its own. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = chromiums.find((program) => existsSync(program))
  if (executablePath === undefined)
    throw new Error('Chromium is missing (Debian: apt-get install chromium)')
  const quiet = ['background-networking', 'component-update', 'sync'].map((it) => `--disable-${it}`)
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet]
  return chromium.launch({ executablePath, args })
}
