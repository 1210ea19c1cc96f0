import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cache, fingerprint, isMadeFor, markMade, must, root, run } from './shell.mjs'

const peersFolder = path.join(root, 'test/peers')
const SNAC = { suite: 'bookworm-backports', package: 'snac2', version: '2.75-2~bpo12+1' }

/** The real servers that the end-to-end tests run: each `install` does nothing where it is done. */
export const peers = [
  { name: 'synapse', install: installSynapse },
  { name: 'snac', install: installSnac },
  { name: 'apex', install: () => installNpmPeer('apex') },
  { name: 'fedify', install: () => installNpmPeer('fedify') },
  { name: 'chromium', install: installChromium },
]

async function installNpmPeer(name) {
  const folder = path.join(peersFolder, name)
  const print = fingerprint([path.join(folder, 'package-lock.json')])
  const modules = path.join(folder, 'node_modules')
  if (isMadeFor(modules, print)) return 'up to date'
  await must(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder })
  markMade(modules, print)
  return 'npm ci'
}

async function installSynapse() {
  const folder = path.join(cache, 'peers/synapse')
  const requirements = path.join(peersFolder, 'synapse/requirements.txt')
  const print = fingerprint([requirements], [folder])
  if (isMadeFor(folder, print)) return 'up to date'
  rmSync(folder, { recursive: true, force: true })
  await must([await findPython(), '-m', 'venv', folder])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps']
  await must([path.join(folder, 'bin/python'), ...pip, '-r', requirements])
  await must([path.join(folder, 'bin/python'), '-c', 'import synapse.app.homeserver'])
  markMade(folder, print)
  return 'pip install into a new virtual environment'
}

async function findPython() {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'
  for (const minor of ['', '.13', '.12', '.11', '.10']) {
    const python = `python3${minor}`
    if ((await run([python, '-c', check])).code === 0) return python
  }
  throw new Error('no Python ≥ 3.10 with venv and ensurepip (Debian: apt-get install python3-venv)')
}

/**
 * Unpacks the Debian package under `.cache`, with package lists of its own: nothing is installed on
 * the machine and its apt sources stay as they are. The mirror is the one those sources name.
 */
async function installSnac() {
  const folder = path.join(cache, 'peers/snac')
  const print = fingerprint([], [SNAC.suite, SNAC.package, SNAC.version, process.arch])
  if (isMadeFor(folder, print)) return 'up to date'
  rmSync(folder, { recursive: true, force: true })
  const apt = await prepareApt(folder)
  await must([...apt, 'update'])
  await must([...apt, 'download', `${SNAC.package}=${SNAC.version}`], { cwd: folder })
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))
  await must(['dpkg-deb', '-x', path.join(folder, archive ?? ''), folder])
  await ensureLibraries(path.join(folder, 'usr/bin/snac'))
  markMade(folder, print)
  return `${SNAC.package} ${SNAC.version} unpacked`
}

async function prepareApt(folder) {
  const format = ['--format', '$(REPO_URI) $(RELEASE)']
  const known = await must(['apt-get', 'indextargets', ...format, 'Identifier: Packages'])
  const base = SNAC.suite.replace(/-backports$/, '')
  const main = known.split('\n').find((line) => line.split(' ')[1] === base)
  if (!main) throw new Error(`apt's sources name no mirror of Debian ${base}`)
  for (const name of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(path.join(folder, name), { recursive: true })
  }
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  const options = existsSync(keyring) ? `[signed-by=${keyring}] ` : ''
  const sources = path.join(folder, 'sources.list')
  writeFileSync(sources, `deb ${options}${main.split(' ')[0]} ${SNAC.suite} main\n`)
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': path.join(folder, 'lists'),
    'Dir::Cache': path.join(folder, 'cache'),
    'APT::Sandbox::User': 'root',
  }
  return ['apt-get', '-q', ...Object.entries(settings).flatMap(([k, v]) => ['-o', `${k}=${v}`])]
}

async function ensureLibraries(program) {
  const missing = async () => (await run(['ldd', program])).stdout.includes('not found')
  if (!(await missing())) return
  const hint = 'snac needs the packages libcurl4 and libssl3'
  if (process.getuid?.() !== 0) throw new Error(`${hint}, and only root can install them`)
  await must(['apt-get', '-q', 'update'])
  await must(['apt-get', '-q', 'install', '-y', '--no-install-recommends', 'libcurl4', 'libssl3'])
  if (await missing()) throw new Error(`${hint}, and they are not to be had`)
}

/** A browser is too much to be unpacked beside the machine's own: it is installed there. */
async function installChromium() {
  if (existsSync('/usr/bin/chromium')) return 'up to date'
  if (process.getuid?.() !== 0)
    throw new Error('only root can install it (apt-get install chromium)')
  await must(['apt-get', '-q', 'update'])
  await must(['apt-get', '-q', 'install', '-y', '--no-install-recommends', 'chromium'])
  return 'installed'
}
