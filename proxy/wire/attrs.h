/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Templates on the wire: arrays of CK_ATTRIBUTE, with the template attributes (CKA_WRAP_TEMPLATE and its like) nested. The
 * backend's copies are private: a client cannot change them while a module reads them.
 */
#ifndef CRATON_ATTRS_H
#define CRATON_ATTRS_H

#include "wire.h"

/* A template that goes in: C_CreateObject and its like. NULL with any count travels as it is. */
void craton_attrs_put (CratonWire *wire, const CK_ATTRIBUTE *attrs, CK_ULONG n_attrs);
CK_ATTRIBUTE *craton_attrs_get (CratonWire *wire, CK_ULONG *ret_n_attrs);

/* A template that comes back filled: C_GetAttributeValue. The query carries types and announced lengths; the values are
 * what the module put into a copy, of which it is told by @copy, and which @query describes unchanged. */
void craton_attrs_put_query (CratonWire *wire, const CK_ATTRIBUTE *attrs, CK_ULONG n_attrs);
CK_ATTRIBUTE *craton_attrs_get_query (CratonWire *wire, CK_ULONG *ret_n_attrs);
void craton_attrs_put_values (CratonWire *wire, CK_RV rv, const CK_ATTRIBUTE *copy, CK_ULONG n_attrs);
void craton_attrs_get_values (CratonWire *wire, CK_RV rv, CK_ATTRIBUTE *attrs, CK_ULONG n_attrs);

#endif /* CRATON_ATTRS_H */
