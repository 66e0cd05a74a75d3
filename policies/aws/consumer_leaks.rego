# METADATA
# title: What uses secrets, and should not hold them
package keystrel.aws.consumer_leaks

import data.keystrel.lib.aws_secrets
import data.keystrel.lib.facts

# METADATA
# title: Function environment holds a credential
# description: >-
#   Everybody who may call `lambda:GetFunctionConfiguration`, which read-only roles may, has it, and so have
#   templates, state files and logs. A value that is told by its name and form alone is high.
# related_resources:
# - ref: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-secrets.html
# custom:
#   id: aws-lambda-env-secret
#   severity: critical
#   subject: aws_lambda_function
#   needs: [aws_lambda_function]
#   remediation: >-
#     Rotate the credential, keep it in Secrets Manager, and give the function its ARN: `aws lambda
#     update-function-configuration --function-name NAME --environment 'Variables={SECRET_ARN=ARN}'`. Published
#     versions keep the old environment: delete them.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_lambda_env_secret contains finding if {
	some finding in aws_secrets.leaking("aws_lambda_function", "critical")
}

aws_lambda_env_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_lambda_function"), ["leaks"])
}

# METADATA
# title: Function code or layer holds a credential
# description: >-
#   Everybody who may call `lambda:GetFunction` downloads it, and it stays in each published version. A value that
#   is told by its name and form alone is high.
# related_resources:
# - ref: https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html
# custom:
#   id: aws-lambda-code-secret
#   severity: critical
#   subject: aws_lambda_package
#   needs: [aws_lambda_package]
#   remediation: >-
#     Rotate the credential, fetch it from Secrets Manager, deploy by `aws lambda update-function-code`, and delete
#     the old versions by `aws lambda delete-function --function-name NAME --qualifier VERSION` or `aws lambda
#     delete-layer-version`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_lambda_code_secret contains finding if {
	some finding in aws_secrets.leaking("aws_lambda_package", "critical")
}

aws_lambda_code_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_lambda_package"), ["leaks"])
}

# METADATA
# title: Task definition has a credential in environment or command
# description: >-
#   Everybody who may call `ecs:DescribeTaskDefinition` has it, of all revisions that ever were. A value that is
#   told by its name and form alone is high.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
# custom:
#   id: aws-ecs-env-secret
#   severity: critical
#   subject: aws_ecs_task_definition
#   needs: [aws_ecs_task_definition]
#   remediation: >-
#     Rotate the credential, name its secret under `secrets` with `valueFrom`, and `aws ecs
#     register-task-definition`; then `aws ecs deregister-task-definition` and `aws ecs delete-task-definitions` for
#     the old revisions.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_ecs_env_secret contains finding if {
	some finding in aws_secrets.leaking("aws_ecs_task_definition", "critical")
}

aws_ecs_env_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_ecs_task_definition"), ["leaks"])
}

# METADATA
# title: Build project has plaintext credentials
# description: >-
#   Everybody who may call `codebuild:BatchGetProjects` has them, and each build keeps a copy. A value that is told
#   by its name and form alone is high.
# related_resources:
# - ref: https://docs.aws.amazon.com/codebuild/latest/userguide/change-project.html
# custom:
#   id: aws-codebuild-env-secret
#   severity: critical
#   subject: aws_codebuild_project
#   needs: [aws_codebuild_project]
#   remediation: >-
#     Rotate the credential, and `aws codebuild update-project --name NAME --environment FILE` with the variable's
#     `type` `SECRETS_MANAGER` and its secret as `value`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_codebuild_env_secret contains finding if {
	some finding in aws_secrets.leaking("aws_codebuild_project", "critical")
}

aws_codebuild_env_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_codebuild_project"), ["leaks"])
}

# METADATA
# title: Instance or launch template user data holds a credential
# description: >-
#   Every process on the instance reads it at 169.254.169.254, and everybody who may describe the instance or
#   template. A value that is told by its name and form alone is medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
# custom:
#   id: aws-ec2-userdata-secret
#   severity: high
#   subject: aws_ec2_user_data
#   needs: [aws_ec2_user_data]
#   remediation: >-
#     Rotate the credential, let the script fetch it by the role of the instance, and `aws ec2
#     create-launch-template-version`; delete the old versions by `aws ec2 delete-launch-template-versions`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_ec2_userdata_secret contains finding if {
	some finding in aws_secrets.leaking("aws_ec2_user_data", "high")
}

aws_ec2_userdata_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_ec2_user_data"), ["leaks"])
}

# METADATA
# title: Stack output or parameter holds a credential
# description: >-
#   Everybody who may call `cloudformation:DescribeStacks` has it, and exports carry it to other stacks. A value
#   that is told by its name and form alone is medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html#creds
# custom:
#   id: aws-cfn-output-secret
#   severity: high
#   subject: aws_cloudformation_stack
#   needs: [aws_cloudformation_stack]
#   remediation: >-
#     Rotate the credential, take the output out, set `NoEcho` on the parameter or refer to it as
#     `{{resolve:secretsmanager:NAME}}`, and `aws cloudformation update-stack`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_cfn_output_secret contains finding if {
	some finding in aws_secrets.leaking("aws_cloudformation_stack", "high")
}

aws_cfn_output_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_cloudformation_stack"), ["leaks"])
}

# METADATA
# title: Log group holds credentials
# description: >-
#   Logs are read by more people than secrets, kept for long and copied far. Told of the events that were sampled. A
#   value that is told by its name and form alone is low.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/mask-sensitive-log-data.html
# custom:
#   id: aws-logs-secret
#   severity: medium
#   subject: aws_log_group
#   needs: [aws_log_group]
#   remediation: >-
#     Rotate the credential, mend what logs it, and `aws logs put-data-protection-policy --log-group-identifier NAME
#     --policy-document file://POLICY`; what is logged goes with `aws logs delete-log-stream` alone.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [DSP-17]
#     owasp_secrets: ["8"]
aws_logs_secret contains finding if {
	some finding in aws_secrets.leaking("aws_log_group", "medium")
}

aws_logs_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_log_group"), ["leaks"])
}

# METADATA
# title: Job arguments hold a credential
# description: >-
#   Everybody who may call `glue:GetJobs` has it, and each run keeps and logs it. A value that is told by its name
#   and form alone is medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
# custom:
#   id: aws-glue-args-secret
#   severity: high
#   subject: aws_glue_job
#   needs: [aws_glue_job]
#   remediation: >-
#     Rotate the credential, have the script fetch it from Secrets Manager, or use a connection with `SECRET_ID`,
#     and `aws glue update-job --job-name NAME --job-update file://JOB`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_glue_args_secret contains finding if {
	some finding in aws_secrets.leaking("aws_glue_job", "high")
}

aws_glue_args_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_glue_job"), ["leaks"])
}

# METADATA
# title: Stage variable holds a credential
# description: >-
#   Everybody who may read the API has it, and mappings write it to logs and URLs. A value that is told by its name
#   and form alone is medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html
# custom:
#   id: aws-apigw-stage-secret
#   severity: high
#   subject: aws_api_gateway_stage
#   needs: [aws_api_gateway_stage]
#   remediation: >-
#     Rotate the credential, let the integration fetch it from Secrets Manager, and `aws apigateway update-stage
#     --rest-api-id ID --stage-name NAME --patch-operations op=remove,path=/variables/VARIABLE`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_apigw_stage_secret contains finding if {
	some finding in aws_secrets.leaking("aws_api_gateway_stage", "high")
}

aws_apigw_stage_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_api_gateway_stage"), ["leaks"])
}

# METADATA
# title: State machine, pipeline, AppSync or Beanstalk configuration holds a credential
# description: >-
#   Everybody who may read the definition has it, and executions and deployments keep copies. A value that is told
#   by its name and form alone is medium.
# related_resources:
# - ref: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
# custom:
#   id: aws-sfn-definition-secret
#   severity: high
#   subject: aws_service_definition
#   needs: [aws_service_definition]
#   remediation: >-
#     Rotate the credential, and refer to it: a connection of EventBridge for HTTP tasks, a variable of type
#     `SECRETS_MANAGER` in builds of a pipeline, `aws elasticbeanstalk update-environment` with a secret's ARN under
#     `aws:elasticbeanstalk:application:environmentsecrets`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
aws_sfn_definition_secret contains finding if {
	some finding in aws_secrets.leaking("aws_service_definition", "high")
}

aws_sfn_definition_secret contains finding if {
	some finding in aws_secrets.unknown(facts.of("aws_service_definition"), ["leaks"])
}
