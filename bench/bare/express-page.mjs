// Bare Express and EJS with the list of posts that they are handed: PAGE names a file with its head, the facts of its
// rows and its foot. Written as anybody would: a view that Express keeps, a format for each kind of time made once. No
// session, no database, no texts in other languages, no headers.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import express from 'express';

const { head, rows, foot, zone } = JSON.parse(readFileSync(process.env.PAGE, 'utf8'));
const format = (options) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options });
const clock = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = format({ day: 'numeric', month: 'short' });
const longDay = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const key = format({ year: 'numeric', month: '2-digit', day: '2-digit' });
const today = key.format(Date.now());

const short = (at) => `${key.format(at) === today ? 'Today' : day.format(at)}, ${clock.format(at)}`;
const long = (at) => `${longDay.format(at).replace(',', '')}, ${clock.format(at)}`;

const app = express();
app.set('views', import.meta.dirname).set('view engine', 'ejs');
app.get('/', (_req, res) => res.render('posts', { head, rows, foot, short, long }));
app.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('bare page is up\n'));
