/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What C_GetOperationState has saved.
 */
#ifndef CRATON_STATE_H
#define CRATON_STATE_H

/* Forgets all saved states, at C_Finalize. */
void craton_state_clear (void);

#endif /* CRATON_STATE_H */
