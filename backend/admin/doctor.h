/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton doctor: what its checks share. A check looks at one thing and adds what it finds, with what to do where something is to be done.
 */
#ifndef CRATON_DOCTOR_H
#define CRATON_DOCTOR_H

#include <glib.h>

#include "configuration.h"

typedef enum {
	CRATON_DOCTOR_OK,
	CRATON_DOCTOR_WARNING, /* works, but not as well or as safely as it could */
	CRATON_DOCTOR_WRONG,
} CratonDoctorState;

typedef struct {
	const char *check; /* the row of doctor.c's table that is being done */
	char *module;      /* craton-pkcs11.so, once it is known */
	gboolean unusable; /* by a plain application: what a hardened one meets says nothing then */
	CratonConfig *config;
	GPtrArray *complaints; /* about craton.conf, lines */
	GPtrArray *findings;
} CratonDoctor;

/* One line of the result. @found: (transfer full); @todo: (nullable) (transfer full): what to do, NULL where all is well */
void craton_doctor_find (CratonDoctor *doctor, CratonDoctorState state, char *found, char *todo);

/* The checks. */
typedef void CratonDoctorCheck (CratonDoctor *doctor);
CratonDoctorCheck craton_doctor_registration, craton_doctor_module, craton_doctor_backend;                  /* doctor-install.c */
CratonDoctorCheck craton_doctor_configuration, craton_doctor_stores, craton_doctor_audit;                   /* doctor-store.c */
CratonDoctorCheck craton_doctor_kernel, craton_doctor_libcrypto;                                            /* doctor-kernel.c */
CratonDoctorCheck craton_doctor_application, craton_doctor_hardened, craton_doctor_fork, craton_doctor_pins; /* doctor-use.c */

/**
 * What is done in a process of its own:
 * @data: as given to craton_doctor_in_child()
 * @ret_said: (out): text for the parent; empty at first
 *
 * Returns: whether it went well
 */
typedef gboolean CratonDoctorBody (gconstpointer data, GString *ret_said);

/**
 * craton_doctor_in_child:
 * @ret_said: (transfer full): what the body said, or how the process ended if it did not come to that
 *
 * Runs @body in a child, which may crash or hang: after a minute it is ended.
 *
 * Returns: what @body returned; FALSE if it did not return.
 */
gboolean craton_doctor_in_child (CratonDoctorBody *body, gconstpointer data, char **ret_said);

#endif /* CRATON_DOCTOR_H */
