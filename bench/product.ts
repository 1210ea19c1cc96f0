import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder, repository, runProgram } from '../test/e2e/support/process.ts'
import { freePort } from '../test/support/free-port.ts'
import { startSubject, type Subject } from './subject.ts'
import { serverName, tokens } from './world.ts'

/** Where a bridge of the bench lives. */
export type Site = {
  readonly folder: string
  readonly configPath: string
  readonly databaseUrl: string
  readonly publicUrl: string
  readonly appserviceUrl: string
}

/** A folder with a configuration; no database yet. */
export async function makeSite(homeserver: string): Promise<Site> {
  const folder = await makeFolder('bench')
  const [appservice, world] = [await freePort(), await freePort()]
  const configPath = path.join(folder, 'config.yaml')
  const databaseUrl = `sqlite:${path.join(folder, 'footbridge.db')}`
  const [appserviceUrl, publicUrl] = [`http://127.0.0.1:${appservice}`, `http://127.0.0.1:${world}`]
  const config = {
    homeserver: { url: homeserver, server_name: serverName },
    appservice: {
      ...{ port: appservice, url: appserviceUrl },
      ...{ as_token: tokens.as, hs_token: tokens.hs },
    },
    activitypub: { port: world, public_url: publicUrl, handle_domain: `127.0.0.1:${world}` },
    permissions: { [serverName]: 'user' },
    database: databaseUrl,
    encryption_key: tokens.encryption,
    // A bench sends in seconds what others send in hours.
    limits: { activities_per_account: 0, activities_per_server: 0, posts_per_hour: 0 },
    new_accounts: { age: 0 },
    network: { allow_private: ['127.0.0.0/8'], allow_http: ['127.0.0.1'] },
    logging: { level: 'info', format: 'json' },
  }
  await writeFile(configPath, JSON.stringify(config)) // JSON is YAML
  return { folder, configPath, databaseUrl, publicUrl, appserviceUrl }
}

let built: Promise<string> | undefined

/** The compiled product, laid out as in the image; answers its program. */
export function buildProduct(): Promise<string> {
  built ??= build()
  return built
}

async function build(): Promise<string> {
  const folder = await makeFolder('product')
  const tsc = path.join(repository, 'node_modules/typescript/bin/tsc')
  const config = path.join(repository, 'tsconfig.build.json')
  const outDir = path.join(folder, 'dist')
  await runProgram([process.execPath, tsc, '-p', config, '--noCheck', '--outDir', outDir])
  await mkdir(path.join(folder, 'bin'))
  for (const name of ['package.json', 'bin/footbridge.js'])
    await cp(path.join(repository, name), path.join(folder, name))
  await symlink(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'))
  return path.join(folder, 'bin/footbridge.js')
}

/** Those that bin/footbridge.js sets, for parts of the bridge that run without it. */
export const productFlags = [
  '--semi-space-growth-factor=1',
  '--optimize-for-size',
  '--no-sparkplug',
  '--no-maglev',
]

/** As the Dockerfile sets them. */
const imageEnv = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' }

/** Runs the compiled bridge of that site until both its listeners answer. */
export async function startProduct({ configPath, publicUrl }: Site): Promise<Subject> {
  return startSubject({
    script: await buildProduct(),
    args: ['run', '-c', configPath],
    env: imageEnv,
    isReady: async () => (await fetch(`${publicUrl}/live`)).ok,
  })
}
