FROM scratch
ENV DB_PASSWORD=${alnum:20}
