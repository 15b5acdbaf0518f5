/** All parts, in the order they are named in messages. */
import path from 'node:path'
import { chromium } from './chromium.mjs'
import { mlflow } from './mlflow.mjs'
import { redis } from './redis.mjs'

/** @type {readonly import('./part.mjs').Part[]} */
export const parts = [redis, chromium, mlflow]

/**
 * Where the parts are that an earlier set-up has left, without setting up any. For tools that are started by hand.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<string, string>}
 */
export function findParts(root, env) {
  return Object.assign({}, ...parts.map((part) => part.find({ root: path.resolve(root), env })))
}
