import { createHash } from 'node:crypto'
import { Router } from 'express'
import { style } from './style.ts'

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b6b5d"/><path d="M4 22h24M4 22c4-9 20-9 24 0M10 22v-4.6M16 22v-6.7M22 22v-4.6" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/></svg>
`

const nameOf = (name: string, text: string, end: string): string =>
  `${name}.${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${end}`

type Asset = { readonly text: string; readonly type: string }

export type Assets = {
  readonly stylePath: string
  readonly iconPath: string
  readonly routes: () => Router
}

/** A style and the mark in that folder. Their names change with what is in them, so browsers keep them for as long as they like. */
export function assetsAt(folder: string, sheet: string): Assets {
  const stylePath = `${folder}/${nameOf('style', sheet, 'css')}`
  const iconPath = `${folder}/${nameOf('icon', icon, 'svg')}`
  const files: Readonly<Record<string, Asset>> = {
    [stylePath]: { text: sheet, type: 'text/css; charset=utf-8' },
    [iconPath]: { text: icon, type: 'image/svg+xml' },
  }
  return { stylePath, iconPath, routes: () => routesOf(folder, files) }
}

function routesOf(folder: string, files: Readonly<Record<string, Asset>>): Router {
  const router = Router()
  router.get(`${folder}/:name`, ({ path }, response, next) => {
    const file = files[path]
    if (file === undefined) {
      next()
      return
    }
    response
      .set({
        'content-type': file.type,
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
      })
      .end(file.text)
  })
  return router
}

/** Those of all pages that everybody may read. */
export const publicAssets = assetsAt('/assets', style)
