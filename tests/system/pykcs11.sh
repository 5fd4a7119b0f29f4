#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# PyKCS11, Python's way to PKCS#11: pykcs11.py against the module.
. "$(dirname "$0")/lib.sh"

make_token "$module" python
run python3 "$scratch/tests/pykcs11.py" "$module" "$GNUTLS_PIN"
shows 'objects are found'
shows 'AES encrypts'
shows 'keys are wrapped'
shows 'pairs sign'
no_backends
