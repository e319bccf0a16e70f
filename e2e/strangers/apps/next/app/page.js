'use client'
import { useEffect } from 'react'
import { tryPackage } from '../try-package.js'

export default function Page() {
  useEffect(() => {
    window.result ??= tryPackage(window.options).catch((error) => ({ error: String(error) }))
  }, [])
  return <p>Papers</p>
}
