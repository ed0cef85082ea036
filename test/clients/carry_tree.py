"""boto3 as its users write it: upload_file and download_file with default settings. Called by boto3.ts."""
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3

verb, bucket, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
s3 = boto3.client("s3")


def every_key():
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            yield entry["Key"]


def upload(folder):
    with ThreadPoolExecutor(4) as pool:
        jobs = []
        for root, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(root, name)
                jobs.append(pool.submit(s3.upload_file, path, bucket, os.path.relpath(path, folder)))
        for job in jobs:
            job.result()


def download(folder):
    def one(key):
        path = os.path.join(folder, key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        s3.download_file(bucket, key, path)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, every_key()))


if verb == "mb":
    s3.create_bucket(Bucket=bucket)
elif verb == "up":
    upload(rest[0])
elif verb == "down":
    download(rest[0])
elif verb == "presign":
    print(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": rest[0]}))
elif verb == "rb":
    keys = list(every_key())
    for at in range(0, len(keys), 1000):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys[at : at + 1000]]})
    s3.delete_bucket(Bucket=bucket)
