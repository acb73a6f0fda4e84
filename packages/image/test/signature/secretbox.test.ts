import test from 'ava'
import { openSecretbox, sealSecretbox } from '../../src/signature/secretbox.ts'

// The example of the NaCl documentation ("Cryptography in NaCl", section 10).
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const key = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389')
const nonce = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37')
const plain = hex(
  'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
)
const box = hex(
  'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
)

test('seals as NaCl does', t => t.deepEqual(Buffer.from(sealSecretbox(plain, nonce, key)), box))

test('opens what NaCl sealed', t => t.deepEqual(Buffer.from(openSecretbox(box, nonce, key) ?? []), plain))

test('a box that was touched stays closed', t => {
  for (const at of [0, 15, 16, box.length - 1]) {
    const touched = Buffer.from(box)
    touched[at] = (touched[at] ?? 0) ^ 1
    t.is(openSecretbox(touched, nonce, key), undefined)
  }
})
