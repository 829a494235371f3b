# SPDX-License-Identifier: Apache-2.0
"""The peer for reads: the same list as a small FastAPI service on SQLite, written as its documentation shows it.

    RESCUETIME_DB=rescuetime.db API_TOKEN=... uvicorn fastapi_service:app --port 8000 --workers 2

One row a time entry, with an index that fits the question; a connection for each thread; the model validates what goes out, as it does
by default. rtalpd answers with more fields than these.
"""
import os
import sqlite3
import threading
from typing import List, Optional

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel


class TimeEntry(BaseModel):
    entry_id: int
    alp_user_id: int
    entry_date: str
    application: str
    task_description: str
    total_seconds: int
    time_units: float
    status: str
    notes: Optional[str]
    matter_code: Optional[str]
    source_hash: str
    created_at: str
    updated_at: str


app = FastAPI()
bearer = HTTPBearer()
local = threading.local()


def database():
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(os.environ["RESCUETIME_DB"], check_same_thread=False)
        local.connection.row_factory = sqlite3.Row
    return local.connection


def authorized(credentials: HTTPAuthorizationCredentials = Depends(bearer)):
    if credentials.credentials != os.environ["API_TOKEN"]:
        raise HTTPException(status_code=401, detail="Invalid token")


@app.get("/api/time_entries", response_model=List[TimeEntry], dependencies=[Depends(authorized)])
def time_entries(alp_user_id: int, date: Optional[str] = None):
    if date is None:
        rows = database().execute("SELECT * FROM time_entries WHERE alp_user_id = ? AND status = 'pending' ORDER BY entry_date, entry_id",
                                  (alp_user_id,))
    else:
        rows = database().execute("SELECT * FROM time_entries WHERE alp_user_id = ? AND entry_date = ? ORDER BY entry_id",
                                  (alp_user_id, date))
    return [dict(row) for row in rows]
