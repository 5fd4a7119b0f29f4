/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What either end accepts from the other. Everything that a peer can nest, repeat or enlarge has its limit here.
 */
#ifndef CRATON_SIZES_H
#define CRATON_SIZES_H

#define CRATON_WIRE_VERSION 4u

/* Bytes of a lane that hold a call: what an ordinary lane has, and the largest that a big call can ask for. The memory
 * is there only once it is touched. */
#define CRATON_LANE_DATA ((size_t) 4 << 20)
#define CRATON_LANE_DATA_MAX ((size_t) 1 << 30)

/* Lanes of a channel: so many calls of one process can be under way at once in one backend. */
#define CRATON_LANES_MAX 64

/* Backends of a process: the soft token's and one for each hosted module. */
#define CRATON_CHANNELS_MAX 32

/* Attributes of a template, nesting of templates and of mechanism parameters, elements of an array in a parameter. */
#define CRATON_ATTRS_MAX 4096
#define CRATON_DEPTH_MAX 4
#define CRATON_ARRAY_MAX 1024

/* Places in a mechanism parameter that a module may change (CK_SP800_108_KDF_PARAMS: one each further key). */
#define CRATON_BACKS_MAX 64

/* CKM_PKCS5_PBKD2's length field from here on is taken for the pointer of the older structure form: Linux maps nothing below. */
#define CRATON_PASSWORD_MAX 65535

/* Elements of a list that a call gives back: slots, mechanisms, found objects. */
#define CRATON_LIST_MAX ((size_t) 1 << 24)

/* The most output that a caller can announce: what is over it is cut to it. */
#define CRATON_OUT_MAX (CRATON_LANE_DATA_MAX / 2)

/* The most of an output that is a structure with pointers. */
#define CRATON_RESULT_MAX ((size_t) 64 << 10)

/* Bytes of a string argument with its NUL. */
#define CRATON_STRING_MAX 4096

/* The most that C_GetAttributeValue fetches of one attribute: what a caller announces over it is cut to it. */
#define CRATON_VALUE_MAX ((size_t) 64 << 20)

/* Mechanisms that craton.conf's flat-mechanisms can name for a module. */
#define CRATON_FLAT_MAX 64

/* Slots of a backend that can have a call-timeout of their own. */
#define CRATON_TIMEOUTS_MAX 64

/* Input from this size on is used where it lies, in memory that the client can still write to; what is shorter is copied
 * out first. */
#define CRATON_IN_PLACE_MIN 4096

#endif /* CRATON_SIZES_H */
