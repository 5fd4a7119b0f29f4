/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A small library that holds state which a fork breaks, and asks: see dice.c.
 */
#ifndef DICE_H
#define DICE_H

/* A number from 1 to 6, from the first token's random numbers; 0 if there is none. From one thread
 * at a time, in whatever process. */
int dice_roll (void);

/* Gives back what dice_roll() holds. */
void dice_put_away (void);

#endif /* DICE_H */
