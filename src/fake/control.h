/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket of FAKEVFIO_CONTROL. */
#ifndef FAKE_CONTROL_H
#define FAKE_CONTROL_H

/*
 * Starts the thread that takes commands, once, if FAKEVFIO_CONTROL is set; complains if it can't.
 * Without the lock; leaves errno alone.
 */
void control_start(void);

#endif
