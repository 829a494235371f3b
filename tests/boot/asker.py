# SPDX-License-Identifier: Apache-2.0
"""asker.py SECONDS THREADS: asks the daemon over and over, each time by a connection of its own; prints how many answers came, and what went wrong."""
import http.client
import sys
import threading
import time

seconds, threads = float(sys.argv[1]), int(sys.argv[2])
end = time.monotonic() + seconds
answered, wrong, slowest = [0] * threads, [], [0.0] * threads


def ask(n):
    while time.monotonic() < end:
        start = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
        try:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                answered[n] += 1
            else:
                wrong.append(f"{answer.status} after {time.monotonic() - start:.3f} s")
        except (OSError, http.client.HTTPException) as e:
            wrong.append(f"{e!r} after {time.monotonic() - start:.3f} s")
        finally:
            connection.close()
        slowest[n] = max(slowest[n], time.monotonic() - start)


asking = [threading.Thread(target=ask, args=(n,)) for n in range(threads)]
for t in asking:
    t.start()
for t in asking:
    t.join()
print(sum(answered), "answered, the slowest after", round(max(slowest), 3), "s")
for line in wrong[:20]:
    print("wrong:", line)
