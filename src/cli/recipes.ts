import type { Config } from '../config/config.ts'
import { reachable } from '../config/load.ts'

/** Paths that other servers ask for at the handle's domain. */
const delegated = ['webfinger', 'host-meta', 'nodeinfo'] as const

/** What has to be said to the homeserver and to the web server, ready to paste. */
export function recipes(config: Config, registrationPath: string): string {
  const { publicUrl, handleDomain } = config.activitypub
  const isSplit = new URL(publicUrl).host !== handleDomain
  if (publicUrl.startsWith('http:')) return `${synapse(registrationPath)}\n${testNetwork}`
  return [
    synapse(registrationPath),
    `nginx, for ${new URL(publicUrl).host}:\n${indent(nginx(config))}`,
    ...(isSplit
      ? [`nginx, inside the server block of ${handleDomain}:\n${indent(nginxSplit(publicUrl))}`]
      : []),
    `Caddy instead of nginx:\n${indent(caddy(config, isSplit))}`,
  ].join('\n')
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '    ')

const synapse = (path: string): string => `Synapse, in homeserver.yaml; then restart it:
    app_service_config_files:
      - ${path}
  The user that Synapse runs as must be able to read that file.
`

const testNetwork = `Without TLS this is for tests. The fediverse servers that Footbridge may speak to have to be
named in config.yaml, under network: docs/operating.md, "Test networks", shows how.
`

const upstream = ({ activitypub }: Config): string =>
  `${reachable(activitypub.bind)}:${activitypub.port}`

// The Host header is signed by the sender, so it has to arrive as it was sent.
const nginx = (config: Config): string => `server {
    listen 443 ssl;
    server_name ${new URL(config.activitypub.publicUrl).hostname};
    # ssl_certificate and ssl_certificate_key as for your other sites
    client_max_body_size 2m;
    location / {
        proxy_pass http://${upstream(config)};
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
    }
}
`

const nginxSplit = (publicUrl: string): string =>
  delegated
    .map((name) => `location = /.well-known/${name} { return 301 ${publicUrl}$request_uri; }\n`)
    .join('')

const caddy = (config: Config, isSplit: boolean): string => {
  const { publicUrl, handleDomain } = config.activitypub
  const own = `${new URL(publicUrl).host} {\n    reverse_proxy ${upstream(config)}\n}\n`
  if (!isSplit) return own
  const lines = delegated.map(
    (name) => `    redir /.well-known/${name} ${publicUrl}{uri} permanent\n`,
  )
  return `${own}${handleDomain} {\n${lines.join('')}    # and what this site has been doing so far\n}\n`
}
